import type { Provider } from '../routing/provider.ts'
import { api7 } from './api7/provider.ts'
import { apisix } from './apisix/provider.ts'
import { deployment } from './deployment/provider.ts'
import { gatewayApi } from './gateway-api/provider.ts'
import { istio } from './istio/provider.ts'

/** The routing APIs that are read and edited, in the order in which they are asked. */
export const providers: readonly Provider[] = [istio, gatewayApi, apisix, api7, deployment]
