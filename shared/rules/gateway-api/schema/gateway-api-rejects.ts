import type { AnyRule, Rule } from '../../rule.ts'
import { violationsBy } from '../../schema/violations-by.ts'
import { gatewayApiSchema } from './gateway-api-schema.ts'

/** The kinds whose apply is predicted. */
const judgedKinds = ['HTTPRoute', 'GRPCRoute', 'ReferenceGrant'] as const
type JudgedKind = (typeof judgedKinds)[number]

const rejects = <K extends JudgedKind>(kind: K): Rule<K> => ({
  id: 'gateway-api-rejects',
  // The cluster's own CRDs judge a request before its webhooks are asked, and may be of another version.
  severity: { webhook: 'info', lint: 'error' },
  summary: 'The API server accepts the object by the CRDs of the Gateway API (standard channel, v1.6).',
  fix: 'Set the field to what the Gateway API allows there, as the finding says. All fields: https://gateway-api.sigs.k8s.io/reference/spec/.',
  subject: kind,
  reads: [],
  check: (_view, subject) => violationsBy(gatewayApiSchema(kind), subject),
})

/**
 * What the schemas of the CRDs and their CEL rules refuse, so that lint predicts the apply: one rule for each of the
 * kinds that people write beside a canary.
 */
export const gatewayApiRejects: readonly AnyRule[] = judgedKinds.map(kind => rejects(kind) as AnyRule)
