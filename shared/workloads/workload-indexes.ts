import { isEqual } from '../objects/content/equal.ts'
import type { EndpointSlice } from '../objects/core.ts'
import type { KubeObject, Labels } from '../objects/kube-object.ts'
import { keyOf, namespaceOf, type Ref } from '../objects/kube-object.ts'
import { isKind, kindOf, workloadKinds, type Kind } from '../objects/kinds.ts'
import type { Index } from '../view/cluster-view.ts'
import { podTemplatesOf } from '../objects/pod-templates.ts'
import { canaryServicesOf } from '../objects/owners/canary-services.ts'
import { routesOfRollout } from '../objects/owners/rollout-routes.ts'
import { networkIn } from './mesh/network.ts'
import { derivedOnce, fieldsOf, itemsOf, labelsOf, textOf } from '../objects/unchecked.ts'

/** The kinds that can be behind a Service or run a gateway. */
export const backingKinds = [
  ...workloadKinds,
  'Pod',
  'WorkloadEntry',
  'WorkloadGroup',
  'OtherWorkload',
] as const satisfies readonly Kind[]
export type BackingKind = (typeof backingKinds)[number]

/** Pods that a workload makes, by the labels that it gives them. */
export interface PodVariant {
  readonly labels: Labels
  /** For which part of a rollout, where a workload labels the parts apart. */
  readonly role?: 'stable' | 'canary'
  /** For pods of an earlier template, which an update keeps back. */
  readonly isKept?: true
}

/**
 * The labels that the pods of a workload carry by its own words, once for each kind of pod that it makes; a
 * Rollout that refers to a Deployment has only those that it adds.
 */
export const podVariantsOf: (object: KubeObject) => readonly PodVariant[] = derivedOnce(object => {
  const kind = kindOf(object)
  const spec = fieldsOf(Reflect.get(object, 'spec'))
  const found = kind === undefined ? undefined : variantsOf[kind]?.(object, spec)
  return found ?? [{ labels: labelsIn(spec['template']) }]
})

type SpecFields = Readonly<Record<string, unknown>>

/** Those whose pods have other labels than `spec.template` says. */
const variantsOf: Readonly<
  Partial<Record<Kind, (object: KubeObject, spec: SpecFields) => readonly PodVariant[]>>
> = {
  Pod: ({ metadata }) => [{ labels: labelsOf(metadata.labels) }],
  WorkloadEntry: ({ metadata }, spec) => [
    { labels: { ...networkIn(spec), ...labelsOf(spec['labels']), ...labelsOf(metadata.labels) } },
  ],
  WorkloadGroup: (_, spec) => [
    { labels: { ...labelsOf(fieldsOf(spec['template'])['labels']), ...labelsIn(spec) } },
  ],
  Rollout: (object, spec) => variantsOfRollout(spec, fieldsOf(Reflect.get(object, 'status'))),
  DeploymentConfig: ({ metadata }, spec) => [
    { labels: { deploymentconfig: metadata.name, ...labelsIn(spec['template']) } },
  ],
  OtherWorkload: object => podTemplatesOf(object).map(template => ({ labels: labelsIn(template) })),
}

const labelsIn = (template: unknown): Labels => labelsOf(fieldsOf(fieldsOf(template)['metadata'])['labels'])

/**
 * Argo Rollouts labels the pods of its parts apart: by the hash of each ReplicaSet, which its status has once there is
 * one, and where it is told so (`canaryMetadata`, `stableMetadata`, and of a blue-green rollout `previewMetadata`,
 * `activeMetadata`), over what the template says.
 */
function variantsOfRollout(spec: SpecFields, status: SpecFields): readonly PodVariant[] {
  const own = labelsIn(spec['template'])
  const { canary, blueGreen } = fieldsOf(spec['strategy'])
  const [steps, colours] = [fieldsOf(canary), fieldsOf(blueGreen)]
  const added = (said: unknown): Labels => labelsOf(fieldsOf(said)['labels'])
  const stable = { ...added(steps['stableMetadata']), ...added(colours['activeMetadata']) }
  const next = { ...added(steps['canaryMetadata']), ...added(colours['previewMetadata']) }
  const [stableHash, hash] = [hashIn(status['stableRS']), hashIn(status['currentPodHash'])]
  if (isEqual(stable, next) && isEqual(stableHash, hash)) return [{ labels: { ...own, ...stable, ...hash } }]
  return [
    { role: 'stable', labels: { ...own, ...stable, ...stableHash } },
    { role: 'canary', labels: { ...own, ...next, ...hash } },
  ]
}

const hashIn = (hash: unknown): Labels => {
  const text = textOf(hash)
  return text === undefined || text === '' ? {} : { 'rollouts-pod-template-hash': text }
}

/** The workload whose template a Rollout takes for its pods; it may be of a kind that is not read. */
export interface BorrowedTemplate {
  readonly lender: Ref | undefined
}

/** What a Rollout borrows its template from; undefined for what has a template of its own. */
export function borrowedTemplate(object: KubeObject): BorrowedTemplate | undefined {
  if (!isKind('Rollout', object)) return undefined
  const reference = fieldsOf(fieldsOf(Reflect.get(object, 'spec'))['workloadRef'])
  const name = textOf(reference['name'])
  if (name === undefined) return undefined
  const kind = kindOf({
    apiVersion: textOf(reference['apiVersion']) ?? 'apps/v1',
    kind: textOf(reference['kind']) ?? 'Deployment',
  })
  return { lender: kind === undefined ? undefined : { kind, namespace: namespaceOf(object), name } }
}

const byLabel = <K extends BackingKind>(kind: K): Index<K> => ({
  kind,
  keysOf: object => {
    const namespace = namespaceOf(object)
    const all = podVariantsOf(object).flatMap(({ labels }) => Object.entries(labels))
    const pairs = [...new Set(all.map(([key, value]) => `${key}=${value}`))]
    const borrows = borrowedTemplate(object) === undefined ? [] : [`${namespace}/*`, '/*']
    return [...pairs.map(pair => `${namespace}/${pair}`), ...pairs.map(pair => `/${pair}`), ...borrows]
  },
})

/**
 * Workloads by each label of their pods, `namespace/key=value`, and over all namespaces, `/key=value`; those
 * with borrowed templates under `namespace/*`.
 */
export const workloadsByLabel: { readonly [K in BackingKind]: Index<K> } = {
  Deployment: byLabel('Deployment'),
  StatefulSet: byLabel('StatefulSet'),
  DaemonSet: byLabel('DaemonSet'),
  ReplicaSet: byLabel('ReplicaSet'),
  Rollout: byLabel('Rollout'),
  ReplicationController: byLabel('ReplicationController'),
  DeploymentConfig: byLabel('DeploymentConfig'),
  CloneSet: byLabel('CloneSet'),
  'StatefulSet.apps.kruise.io': byLabel('StatefulSet.apps.kruise.io'),
  'DaemonSet.apps.kruise.io': byLabel('DaemonSet.apps.kruise.io'),
  Pod: byLabel('Pod'),
  WorkloadEntry: byLabel('WorkloadEntry'),
  WorkloadGroup: byLabel('WorkloadGroup'),
  OtherWorkload: byLabel('OtherWorkload'),
}

/** Rollouts by the key of the workload whose template they borrow: `Deployment namespace/name`. */
export const rolloutsByTemplate: Index<'Rollout'> = {
  kind: 'Rollout',
  keysOf: object => {
    const lender = borrowedTemplate(object)?.lender
    return lender === undefined ? [] : [keyOf(lender)]
  },
}

/** Rollouts by the keys of the routes that they shift: `VirtualService namespace/name`. */
export const rolloutsByRoute: Index<'Rollout'> = {
  kind: 'Rollout',
  keysOf: object => routesOfRollout(object).map(keyOf),
}

/** Canaries of Flagger by the Services that they make: `namespace/name`. */
export const canariesByService: Index<'Canary'> = {
  kind: 'Canary',
  keysOf: object => {
    const { apex, primary, canary } = canaryServicesOf(object.spec)
    return apex === '' ? [] : [apex, primary, canary].map(name => `${namespaceOf(object)}/${name}`)
  },
}

/** The Service that an EndpointSlice lists the addresses of. */
export const serviceOfSlice = (slice: EndpointSlice): string | undefined =>
  labelsOf(slice.metadata.labels)['kubernetes.io/service-name']

/** EndpointSlices by the Service that they belong to: `namespace/name`. */
export const endpointSlicesByService: Index<'EndpointSlice'> = {
  kind: 'EndpointSlice',
  keysOf: object => {
    const name = serviceOfSlice(object)
    return name === undefined ? [] : [`${namespaceOf(object)}/${name}`]
  },
}

/** Endpoints by the Service that they are of, which has the same name: `namespace/name`. */
export const endpointsByService: Index<'Endpoints'> = {
  kind: 'Endpoints',
  keysOf: object => [`${namespaceOf(object)}/${object.metadata.name}`],
}

/** EndpointSlices by the pods that they list: `namespace/name`. */
export const endpointSlicesByPod: Index<'EndpointSlice'> = {
  kind: 'EndpointSlice',
  keysOf: object => [
    ...new Set(
      itemsOf(Reflect.get(object, 'endpoints'))
        .map(item => fieldsOf(fieldsOf(item)['targetRef']))
        .flatMap(({ kind, name }) =>
          kind === 'Pod' && typeof name === 'string' ? [`${namespaceOf(object)}/${name}`] : [],
        ),
    ),
  ],
}

/**
 * Labels that no template says and every proxy knows: put on by Istio, the node or a controller at run time.
 */
const putOnAtRunTime = new RegExp(
  [
    '^topology\\.(kubernetes|istio)\\.io/',
    '^kubernetes\\.io/hostname$',
    '^failure-domain\\.beta\\.kubernetes\\.io/',
    '^(rollouts-)?pod-template-(hash|generation)$',
    '^controller-revision-hash$',
    '^(statefulset|apps)\\.kubernetes\\.io/pod-(name|index)$',
    '^service\\.istio\\.io/',
    '^security\\.istio\\.io/',
    '^istio\\.io/rev$',
    '^istio-locality$',
    '^serving\\.knative\\.dev/',
    '^apps\\.kruise\\.io/',
  ].join('|'),
)

/** Whether a label is one that pods get at run time, so that its absence from a template says nothing. */
export const isPutOnAtRunTime = (key: string): boolean => putOnAtRunTime.test(key)

/**
 * One pair of a selector, by which its objects are indexed, as a rule one that templates say; undefined for
 * an empty selector.
 */
export function pairOf(selector: Labels): string | undefined {
  const keys = Object.keys(selector).toSorted()
  const key = keys.find(candidate => !isPutOnAtRunTime(candidate)) ?? keys[0]
  return key === undefined ? undefined : `${key}=${selector[key]}`
}
