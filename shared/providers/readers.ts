import type { ForeignRouting } from '../routing/foreign.ts'
import type { RoutingReader } from '../routing/provider.ts'
import { gatewayApi } from './gateway-api/foreign-routes.ts'
import { istioReader } from './istio/reader.ts'

/** The routing APIs that are read, in the order in which they are asked; `providers` edits them, too. */
export const readers: readonly RoutingReader[] = [istioReader]

/** The routing APIs whose objects are only known to be there. */
export const foreign: readonly ForeignRouting[] = [gatewayApi]
