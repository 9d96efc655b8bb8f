import { kindOf } from '../../objects/kinds.ts'
import { namespaceOf, type KubeObject } from '../../objects/kube-object.ts'
import type { AnyRule, Rule, Violation } from '../rule.ts'
import { checkDestinationRule } from './destination-rule/destination-rule.ts'
import { violationOf, type Fault, type Re2Fault } from '../schema/fault.ts'
import { checkGateway } from './gateway/gateway.ts'
import { checkObject } from '../schema/object.ts'
import type { KindSchema } from '../schema/schema.ts'
import { checkStructure } from '../schema/structure.ts'
import { istioSchema } from './schema/istio-schema.ts'
import { checkServiceEntry } from './service-entry/service-entry.ts'
import { checkSidecar } from './sidecar/sidecar.ts'
import { checkVirtualService } from './virtual-service/virtual-service.ts'
import { checkWorkloadEntry } from './workload/workload-entry.ts'
import { checkWorkloadGroup } from './workload/workload-group.ts'

/** The kinds whose apply is predicted. */
const judgedKinds = [
  'VirtualService',
  'DestinationRule',
  'Gateway',
  'ServiceEntry',
  'Sidecar',
  'WorkloadEntry',
  'WorkloadGroup',
] as const
type JudgedKind = (typeof judgedKinds)[number]

const rejects = <K extends JudgedKind>(kind: K): Rule<K> => ({
  id: 'istio-rejects',
  severity: { webhook: 'error', lint: 'error' },
  summary: 'Istio and the API server accept the object.',
  fix: 'Set the field to what Istio allows there, as the finding says. All fields: https://istio.io/latest/docs/reference/config/networking/.',
  subject: kind,
  reads: [],
  readsEveryField: true,
  check: (_view, subject, { re2Fault }) => violations(subject, kind, re2Fault),
})

/**
 * What the CRD's schema or istiod's own webhook refuses, so that lint predicts the apply: one rule for each
 * of Istio's kinds.
 */
export const istioRejects: readonly AnyRule[] = judgedKinds.map(kind => rejects(kind) as AnyRule)

function* violations(
  object: KubeObject,
  kind: JudgedKind,
  re2Fault: Re2Fault | undefined,
): Iterable<Violation> {
  const schema = istioSchema(kind)
  if (schema === undefined) return
  for (const faults of [
    checkObject(object, schema),
    checkAnnotations(object),
    checkSpec(object, schema, re2Fault),
  ]) {
    for (const fault of faults) yield violationOf(fault, object)
  }
}

/** What Istio makes of a spec that holds its schema. */
type Check = (spec: never, object: KubeObject, re2Fault: Re2Fault | undefined) => Iterable<Fault>
const checks: Readonly<Record<JudgedKind, Check>> = {
  VirtualService: (spec, object, re2Fault) => checkVirtualService(spec, namespaceOf(object), re2Fault),
  DestinationRule: (spec, object) => checkDestinationRule(spec, namespaceOf(object)),
  Gateway: (spec, { metadata }) => checkGateway(spec, metadata),
  ServiceEntry: checkServiceEntry,
  Sidecar: checkSidecar,
  WorkloadEntry: spec => checkWorkloadEntry(spec, ['spec']),
  WorkloadGroup: checkWorkloadGroup,
}

/**
 * Annotations that are Istio's own affair, refused from anybody else (istio/pkg/config/validation,
 * validateMetadata).
 */
const refusedAnnotations = [
  'internal.istio.io/webhook-always-reject',
  'internal.istio.io/parents',
  'internal.istio.io/parent-namespace',
  'istio.io/dry-run',
]

function* checkAnnotations({ metadata }: KubeObject): Iterable<Fault> {
  for (const key of refusedAnnotations) {
    if (metadata.annotations?.[key] !== undefined)
      yield { path: ['metadata', 'annotations', key], message: 'must not be set by users', about: '' }
  }
}

/** First the structure; what Istio makes of the values can be told only where they have the right types. */
function* checkSpec(object: KubeObject, schema: KindSchema, re2Fault: Re2Fault | undefined): Iterable<Fault> {
  const spec: unknown = Reflect.get(object, 'spec')
  if (spec === undefined && schema.specRequired) return
  const { faults, unknownFields } =
    spec === undefined ? { faults: [], unknownFields: [] } : checkStructure(schema, spec, ['spec'])
  yield* faults
  yield* unknownFields
  if (faults.length > 0) return
  yield* checks[kindOf(object) as JudgedKind]((spec ?? {}) as never, object, re2Fault)
}
