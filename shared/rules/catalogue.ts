import { istioRejects } from './istio/istio-rejects.ts'
import type { AnyRule } from './rule.ts'
import { routingRules } from './routing-rules.ts'

/** Every rule: those about routes, and what Istio's own validation refuses. */
export const catalogue: readonly AnyRule[] = [...routingRules, ...istioRejects]
