import { providers as allProviders } from '../../shared/providers/providers.ts'
import { meshApiOf } from '../../shared/plan/find/foreign-routes.ts'
import type { RolloutRecord } from '../../shared/rollout/rollout-record.ts'
import { kindsOf } from '../../shared/rollout/traffic-print.ts'
import type { Provider } from '../../shared/routing/provider.ts'
import type { Session } from '../session.ts'
import { chosenOf } from '../words/routing-api.ts'

/** The routing APIs that a run changes: the one that was chosen when it began, else that of the routes that it has set. */
export const providersOfRun = (session: Session, run: RunRoutes): readonly Provider[] =>
  chosenOf(session.providers ?? allProviders, run.provider ?? session.flags.provider ?? apiOfRun(run))

type RunRoutes = Pick<RolloutRecord, 'provider' | 'state'>

/** The routing API of a run, also after another one routes its Service, too; undefined for one outside a mesh that nobody chose. */
export const apiOfRun = ({ provider, state: { print = '[]' } }: RunRoutes): string | undefined =>
  provider ?? meshApiOf(kindsOf(print))

/** The routing APIs that a command edits: the one that was chosen, else all. */
export const chosenProviders = ({ providers, flags }: Session): readonly Provider[] =>
  chosenOf(providers ?? allProviders, flags.provider)
