import { CanaryError } from '../../../shared/objects/canary-error.ts'
import { namespaceOf, type KubeObject } from '../../../shared/objects/kube-object.ts'
import { refOf } from '../../../shared/objects/kinds.ts'
import { joinedRouting } from '../../../shared/trial/joined-routing.ts'
import type { AskedRequest } from '../../../shared/trial/asked-request.ts'
import { inSession } from '../../../shared/view/session.ts'
import { overlay } from '../../../shared/view/overlay.ts'
import { applied } from '../../read/applied.ts'
import type { Session } from '../../session.ts'
import { regexEngine } from '../../words/regex.ts'
import { chosenProviders } from '../chosen-providers.ts'
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
    provider: joinedRouting(chosenProviders(session)),
    regex: await regexEngine(),
    namespace: session.flags.namespace,
    command: session.typed.command,
    isEdited: flags.with !== undefined,
  }
  const { before, laid } =
    flags.withCluster === true
      ? await overCluster(session, requests, words)
      : await besideNothing(session, requests, words)
  return { before, after: await withEdits(session, laid, flags.with ?? []) }
}

interface LaidWorlds {
  readonly before: ReadWorld
  /** With the files over it, where there are any. */
  readonly laid: ReadWorld
}

async function besideNothing(
  session: Session,
  requests: readonly AskedRequest[],
  words: WorldWords,
): Promise<LaidWorlds> {
  const before = await readWorld(await session.store(), requests, words)
  return { before, laid: before }
}

/** The world of the cluster, and with the files over it; the namespace is that of the files where they have one. */
async function overCluster(
  session: Session,
  requests: readonly AskedRequest[],
  words: WorldWords,
): Promise<LaidWorlds> {
  const { flags } = session
  const live = { ...flags, files: [], kustomization: undefined }
  const { namespace: own } = await session.open(live)
  const objects = await laidObjects(session, flags.namespace ?? own)
  const [only, ...others] = [...new Set(objects.map(namespaceOf))]
  const namespace = flags.namespace ?? (others.length === 0 ? only : undefined) ?? own
  const before = await readWorld(await session.open({ ...live, namespace }), requests, {
    ...words,
    namespace,
  })
  const changes = objects.map(object => applied(before.view.get(refOf(object)), object))
  return { before, laid: { ...before, view: inSession(overlay(before.view, changes)) } }
}

/** The objects of the files. Throws `usage` where not all of them are applied together. */
async function laidObjects(session: Session, namespace: string): Promise<readonly KubeObject[]> {
  const files = await session.open({ ...session.flags, namespace })
  const laid = await files.read({ namespaces: '*', divided: true })
  session.noteOnce(laid.notes)
  const { worlds, notes } = await laid.worlds!()
  session.noteOnce(notes)
  const [only, ...others] = worlds
  if (others.length === 0) return only?.objects ?? []
  throw usage(
    `the files are ${worlds.length} sets of objects that are applied apart`,
    'Name the files of one of them with -f, or its kustomization with -k.',
  )
}
