import { CanaryError } from '../../../shared/objects/canary-error.ts'
import { refOf } from '../../../shared/objects/kinds.ts'
import { providers as allProviders } from '../../../shared/providers/providers.ts'
import type { AskedRequest } from '../../../shared/trial/asked-request.ts'
import { inSession } from '../../../shared/view/session.ts'
import { overlay } from '../../../shared/view/overlay.ts'
import { applied } from '../../read/applied.ts'
import type { Session } from '../../session.ts'
import { regexEngine } from '../../words/regex.ts'
import { namespaceNotCount } from './count.ts'
import type { TryFlags } from './try-flags.ts'
import { withEdits } from './with-edit.ts'
import { readWorld, type ReadWorld, type WorldWords } from './world.ts'

const usage = (message: string, hint: string): CanaryError =>
  new CanaryError('usage', message, { hints: [hint] })

/** The world as it is, and as the edits or the files leave it. */
export async function worldsOf(
  session: Session,
  requests: readonly AskedRequest[],
  flags: TryFlags,
): Promise<{ readonly before: ReadWorld; readonly after: ReadWorld }> {
  namespaceNotCount(session)
  const hasFiles = session.flags.files.length > 0 || session.flags.kustomization !== undefined
  if (flags.withCluster === true && !hasFiles)
    throw usage('--with-cluster can only be used with --filename', 'Name the files with -f.')
  if (flags.diff === true && flags.with === undefined && flags.withCluster !== true)
    throw usage(
      '--diff needs a change',
      "Add --with 'weight v2=10', or files that are laid over the cluster: -f k8s/ --with-cluster.",
    )
  const words: WorldWords = {
    provider: (session.providers ?? allProviders)[0]!,
    regex: await regexEngine(),
    namespace: session.flags.namespace,
    command: session.typed.command,
  }
  const before =
    flags.withCluster === true
      ? await readWorld(await clusterOf(session), requests, words)
      : await readWorld(await session.store(), requests, words)
  const laid = flags.withCluster === true ? await withFiles(session, before) : before
  return { before, after: await withEdits(session, laid, flags.with ?? []) }
}

const clusterOf = (session: Session) =>
  session.open({ ...session.flags, files: [], kustomization: undefined })

/** The world of the cluster with the files over it. */
async function withFiles(session: Session, world: ReadWorld): Promise<ReadWorld> {
  const files = await session.open({
    ...session.flags,
    namespace: session.flags.namespace ?? world.namespace,
  })
  const laid = await files.read({ namespaces: '*', divided: true })
  session.noteOnce(laid.notes)
  const { worlds, notes } = await laid.worlds!()
  session.noteOnce(notes)
  const [only, ...others] = worlds
  if (others.length > 0)
    throw usage(
      `the files are ${worlds.length} sets of objects that are applied apart`,
      'Name the files of one of them with -f, or its kustomization with -k.',
    )
  const changes = (only?.objects ?? []).map(object => applied(world.view.get(refOf(object)), object))
  return { ...world, view: inSession(overlay(world.view, changes)) }
}
