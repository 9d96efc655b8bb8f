import { CanaryError } from '../../../shared/objects/canary-error.ts'
import { inSession } from '../../../shared/view/session.ts'
import { overlay } from '../../../shared/view/overlay.ts'
import type { Session } from '../../session.ts'
import { splitWords } from '../../words/shell-words.ts'
import { namespaceIn } from '../../read/command-namespace.ts'
import type { ReadWorld } from './world.ts'
import { chosenProviders } from '../chosen-providers.ts'

/** The world as edits leave it, one on the other, as they are typed: `weight v2=10`. */
export async function withEdits(
  session: Session,
  world: ReadWorld,
  edits: readonly string[],
): Promise<ReadWorld> {
  let edited = world
  for (const edit of edits) edited = await withEdit(session, edited, edit)
  return edited
}

async function withEdit(session: Session, world: ReadWorld, edit: string): Promise<ReadWorld> {
  const words = splitWords(edit.replace(/^\s*kubectl[ -]canary\s+/, ''))
  const intent = await session.intentIn!(words)
  if (intent.kind === 'undo' || intent.kind === 'cleanup' || intent.kind === 'order')
    throw new CanaryError('usage', `--with ${JSON.stringify(edit)} is not an edit of traffic`, {
      hints: ['Use one that sets traffic, like --with "weight v2=10".'],
    })
  const { service } = intent
  const target = {
    service,
    namespace: (service === undefined ? undefined : namespaceIn(service)) ?? world.namespace,
    command: words.join(' '),
    live: world.reading.live,
  }
  const { planIntent } = await import('../../edit/plan-intent.ts')
  // Nothing is written, so what --force overrides holds nothing up.
  const { changes } = planIntent(
    { view: world.view, target },
    { ...intent, force: true },
    chosenProviders(session),
  )
  return { ...world, view: inSession(overlay(world.view, changes)) }
}
