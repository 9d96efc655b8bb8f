import { apisixRejects } from './apisix/schema/apisix-rejects.ts'
import { gatewayApiRejects } from './gateway-api/schema/gateway-api-rejects.ts'
import { istioRejects } from './istio/istio-rejects.ts'
import type { AnyRule } from './rule.ts'
import { routingRules } from './routing-rules.ts'

/** Every rule: those about routes, what Istio's own validation refuses, and what the CRDs of the Gateway API and of APISIX do. */
export const catalogue: readonly AnyRule[] = [
  ...routingRules,
  ...istioRejects,
  ...gatewayApiRejects,
  apisixRejects,
]

/** Whether the guard judges objects of a rule's kind: it does not watch ApisixRoutes, which lint, status and each edit judge. */
export const isGuarded = ({ subject }: Pick<AnyRule, 'subject'>): boolean => subject !== 'ApisixRoute'

/** The rules by which the guard judges. */
export const guardedRules: readonly AnyRule[] = catalogue.filter(isGuarded)
