import type { KubeObject } from '../../../objects/kube-object.ts'
import { violationOf, type Fault } from '../../schema/fault.ts'
import { checkObject } from '../../schema/object.ts'
import type { KindSchema } from '../../schema/schema.ts'
import { checkStructure } from '../../schema/structure.ts'
import type { AnyRule, Rule, Violation } from '../../rule.ts'
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
  check: (_view, subject) => violations(subject, kind),
})

/**
 * What the schemas of the CRDs and their CEL rules refuse, so that lint predicts the apply: one rule for each of the
 * kinds that people write beside a canary.
 */
export const gatewayApiRejects: readonly AnyRule[] = judgedKinds.map(kind => rejects(kind) as AnyRule)

function* violations(object: KubeObject, kind: JudgedKind): Iterable<Violation> {
  const schema = gatewayApiSchema(kind)
  if (schema === undefined) return
  for (const fault of checkObject(object, schema)) yield violationOf(fault, object)
  yield* specViolations(object, schema)
}

/** An object that an API server keeps has only fields that its CRDs have. */
const isKept = ({ metadata }: KubeObject): boolean =>
  metadata.uid !== undefined || metadata.resourceVersion !== undefined

function* specViolations(object: KubeObject, schema: KindSchema): Iterable<Violation> {
  const spec: unknown = Reflect.get(object, 'spec')
  if (spec === undefined) return
  const { faults, unknownFields, experimentalFields } = checkStructure(schema, spec, ['spec'])
  const said = (fault: Fault): Violation => violationOf(fault, object)
  yield* faults.map(said)
  if (isKept(object)) return
  yield* unknownFields.map(said)
  yield* experimentalFields.map(fault => ({
    ...said(fault),
    severity: { webhook: 'info' as const, lint: 'warning' as const },
  }))
}
