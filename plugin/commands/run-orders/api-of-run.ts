import { providers as allProviders } from '../../../shared/providers/providers.ts'
import { SeveralApis } from '../../../shared/plan/find/foreign-routes.ts'
import { recordIn } from '../../../shared/rollout/rollout-record.ts'
import { isOver } from '../../../shared/rollout/rollout-state.ts'
import type { Provider } from '../../../shared/routing/provider.ts'
import type { Intent } from '../../edit/intent.ts'
import type { Session } from '../../session.ts'
import { chosenOf } from '../../words/routing-api.ts'
import { apiOfRun, chosenProviders } from '../chosen-providers.ts'

/**
 * An edit by the routing APIs that a person chose. Where several route the Service and nobody chose one, an abort or a
 * promotion of the version of a run in progress is an edit of the routes of that run.
 */
export async function byApiOfRun<T>(
  session: Session,
  intent: Intent,
  edit: (providers: readonly Provider[]) => Promise<T>,
): Promise<T> {
  try {
    return await edit(chosenProviders(session))
  } catch (error) {
    if (!(error instanceof SeveralApis)) throw error
    // Whoever may not read the run chooses the API.
    const api = await apiOfRunOf(session, intent, error.service).catch(() => undefined)
    if (api === undefined) throw error
    return edit(chosenOf(session.providers ?? allProviders, api))
  }
}

async function apiOfRunOf(
  session: Session,
  intent: Intent,
  { name, namespace }: SeveralApis['service'],
): Promise<string | undefined> {
  if (intent.kind !== 'abort' && intent.kind !== 'promote') return undefined
  const { runs } = await session.store()
  const run = await runs?.get({ service: name, namespace })
  if (run === undefined) return undefined
  const record = recordIn(run)
  const isMeant = intent.kind === 'abort' || intent.version === record.version
  return isMeant && !isOver(record.state) ? apiOfRun(record) : undefined
}
