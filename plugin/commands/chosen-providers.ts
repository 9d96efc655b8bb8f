import { providers as allProviders } from '../../shared/providers/providers.ts'
import type { Provider } from '../../shared/routing/provider.ts'
import type { Session } from '../session.ts'
import { chosenOf } from '../words/routing-api.ts'

/** The routing APIs that a command edits: the one that was chosen, else all. */
export const chosenProviders = ({ providers, flags }: Session): readonly Provider[] =>
  chosenOf(providers ?? allProviders, flags.provider)
