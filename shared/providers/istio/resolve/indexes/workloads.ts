import type { EndpointSlice } from '../../../../objects/core.ts'
import type { KubeObject, Labels } from '../../../../objects/kube-object.ts'
import { keyOf, namespaceOf, type Ref } from '../../../../objects/kube-object.ts'
import { isKind, kindOf, workloadKinds, type Kind } from '../../../../objects/kinds.ts'
import type { Index } from '../../../../view/cluster-view.ts'
import { networkIn } from '../objects/network.ts'
import { derivedOnce, fieldsOf, itemsOf, labelsOf, textOf } from '../../../../objects/unchecked.ts'

/** The kinds that can stand behind a Service or run a gateway. */
export const backingKinds = [
  ...workloadKinds,
  'Pod',
  'WorkloadEntry',
  'WorkloadGroup',
] as const satisfies readonly Kind[]
export type BackingKind = (typeof backingKinds)[number]

/**
 * The labels that the pods of a workload carry by its own words; a Rollout that refers to a Deployment has
 * none.
 */
export const podLabelsOf: (object: KubeObject) => Labels = derivedOnce(object => {
  const spec = fieldsOf(Reflect.get(object, 'spec'))
  if (isKind('Pod', object)) return labelsOf(object.metadata.labels)
  if (isKind('WorkloadEntry', object))
    return { ...networkIn(spec), ...labelsOf(spec['labels']), ...labelsOf(object.metadata.labels) }
  if (isKind('WorkloadGroup', object))
    return {
      ...labelsOf(fieldsOf(spec['template'])['labels']),
      ...labelsOf(fieldsOf(spec['metadata'])['labels']),
    }
  return labelsOf(fieldsOf(fieldsOf(spec['template'])['metadata'])['labels'])
})

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
    const pairs = Object.entries(podLabelsOf(object)).map(([key, value]) => `${key}=${value}`)
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
  Pod: byLabel('Pod'),
  WorkloadEntry: byLabel('WorkloadEntry'),
  WorkloadGroup: byLabel('WorkloadGroup'),
}

/** Rollouts by the key of the workload whose template they borrow: `Deployment namespace/name`. */
export const rolloutsByTemplate: Index<'Rollout'> = {
  kind: 'Rollout',
  keysOf: object => {
    const lender = borrowedTemplate(object)?.lender
    return lender === undefined ? [] : [keyOf(lender)]
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
