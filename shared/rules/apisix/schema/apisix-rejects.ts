import type { Rule } from '../../rule.ts'
import { schemasIn, type CelCheck } from '../../schema/schema.ts'
import { violationsBy } from '../../schema/violations-by.ts'
import { crdSchemas } from './generated/crd-schemas.ts'

interface Subject {
  readonly scope?: unknown
  readonly name?: unknown
}

/** The CEL rules of the CRD by their text. */
export const celRules: ReadonlyMap<string, CelCheck> = new Map([
  [
    "self.scope == 'Path' || size(self.name) > 0",
    ({ scope, name }: Subject) => scope === 'Path' || (typeof name === 'string' && name.length > 0),
  ],
])

const apisixSchema = schemasIn(crdSchemas, celRules)

/** What the schema of the CRD refuses, so that lint predicts the apply. */
export const apisixRejects: Rule<'ApisixRoute'> = {
  id: 'apisix-rejects',
  severity: { webhook: 'info', lint: 'error' },
  summary: 'The API server accepts the ApisixRoute by the CRD of the APISIX ingress controller (version 2).',
  fix: 'Set the field to what the CRD allows there, as the finding says. All fields: https://apisix.apache.org/docs/ingress-controller/reference/apisix_route_v2/.',
  subject: 'ApisixRoute',
  reads: [],
  check: (_view, route) => violationsBy(apisixSchema('ApisixRoute'), route),
}
