import { providers as allProviders } from '../../shared/providers/providers.ts'
import type { Provider } from '../../shared/routing/provider.ts'
import type { Session } from '../session.ts'
import { chosenOf } from '../words/routing-api.ts'

/** The routing APIs that a run changes: the one that was chosen when it began. */
export const providersOfRun = (
  session: Session,
  { provider = session.flags.provider }: { readonly provider?: string },
): readonly Provider[] => chosenOf(session.providers ?? allProviders, provider)

/** The routing APIs that a command edits: the one that was chosen, else all. */
export const chosenProviders = ({ providers, flags }: Session): readonly Provider[] =>
  chosenOf(providers ?? allProviders, flags.provider)
