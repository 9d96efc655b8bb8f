import { readers } from '../../shared/providers/readers.ts'
import type { RoutingReader } from '../../shared/routing/provider.ts'
import type { Session } from '../session.ts'
import { chosenOf } from '../words/routing-api.ts'

/** The routing APIs that a command reads: the one that was chosen, else all. */
export const chosenReaders = ({ providers, flags }: Session): readonly RoutingReader[] =>
  chosenOf<RoutingReader>(providers ?? readers, flags.provider)
