import { gatewayApiRejects } from './gateway-api/schema/gateway-api-rejects.ts'
import { istioRejects } from './istio/istio-rejects.ts'
import type { AnyRule } from './rule.ts'
import { routingRules } from './routing-rules.ts'

/** Every rule: those about routes, what Istio's own validation refuses, and what the CRDs of the Gateway API do. */
export const catalogue: readonly AnyRule[] = [...routingRules, ...istioRejects, ...gatewayApiRejects]
