import type { RoutingReader } from '../routing/provider.ts'
import { api7Reader } from './api7/reader.ts'
import { apisixReader } from './apisix/reader.ts'
import { deploymentReader } from './deployment/reader.ts'
import { gatewayApiReader } from './gateway-api/reader.ts'
import { istioReader } from './istio/reader.ts'

/** The routing APIs that are read, in the order in which they are asked; `providers` edits them, too. */
export const readers: readonly RoutingReader[] = [
  istioReader,
  gatewayApiReader,
  apisixReader,
  api7Reader,
  deploymentReader,
]
