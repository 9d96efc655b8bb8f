import { quotedName } from '../../objects/text/escaped.ts'
import { kindOf } from '../../objects/kinds.ts'
import { namespaceOf, type KubeObject } from '../../objects/kube-object.ts'
import { formatPath, type AnyRule, type Rule, type Violation } from '../rule.ts'
import { checkDestinationRule } from './destination-rule/destination-rule.ts'
import { aboutOf, type Fault, type Re2Fault } from './fault.ts'
import { checkGateway } from './gateway/gateway.ts'
import { schemaOf, type KindSchema } from './schema/schema.ts'
import { checkStructure } from './schema/structure.ts'
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
  const schema = schemaOf(kind)
  if (schema === undefined) return
  for (const faults of [checkObject(object, schema), checkSpec(object, schema, re2Fault)]) {
    for (const fault of faults)
      yield {
        path: fault.path,
        message: fault.message,
        about: aboutOf(fault, object),
        fix: fault.fix ?? fixOf(fault),
      }
  }
}

/** What is allowed there, which a fault says of the field as a rule. */
function fixOf({ path, about, message }: Fault): string {
  const field = path.length === 0 ? 'the object' : formatPath(path)
  if (about === 'unknown field') return `Remove ${field}.`
  return /^(?:must|can|is|needs|has) /.test(message)
    ? `Change ${field}: it ${message}.`
    : `Change ${field}: ${message}.`
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
const topFields = new Set(['apiVersion', 'kind', 'metadata', 'spec', 'status'])

function* checkObject(object: KubeObject, { versions, specRequired }: KindSchema): Iterable<Fault> {
  const version = object.apiVersion.slice(object.apiVersion.indexOf('/') + 1)
  if (!versions.includes(version))
    yield {
      path: ['apiVersion'],
      message: `${quotedName(object.apiVersion)} is not served; use ${versions.join(', ')}`,
    }
  for (const key of refusedAnnotations) {
    if (object.metadata.annotations?.[key] !== undefined)
      yield { path: ['metadata', 'annotations', key], message: 'must not be set by users', about: '' }
  }
  for (const key of Object.keys(object)) {
    if (!topFields.has(key))
      yield { path: [key], message: 'is not a field of any Kubernetes object', about: 'unknown field' }
  }
  if (specRequired && Reflect.get(object, 'spec') === undefined)
    yield { path: [], message: 'must have spec', about: 'spec' }
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
