import type { KubeObject, Labels } from '../../objects/kube-object.ts'
import { kindOf, type Kind } from '../../objects/kinds.ts'
import { fieldsOf, labelsOf, numberOf } from '../../objects/unchecked.ts'
import type { Change } from '../../view/change.ts'
import type { Index } from '../../view/cluster-view.ts'
import { podVariantsOf } from '../workload-indexes.ts'

type SpecFields = ReturnType<typeof fieldsOf>

/** Which of its pods a workload keeps back: an update leaves them as they are until somebody changes this. */
export interface KeptBack {
  /** Those whose number is below this; Infinity if it is not said which. */
  readonly below: number
  /** Whether it keeps back all, so that none is made by its template. */
  readonly isWhole: boolean
  /** Whether a pod that is deleted is followed by one of the template, and not by one like itself. */
  readonly isUntilDeleted?: true
}

const everyPod: KeptBack = { below: Infinity, isWhole: true }
/** By `OnDelete`, until somebody or a drained node deletes it (newVersionedStatefulSetPod in pkg/controller/statefulset). */
const everyPodUntilDeleted: KeptBack = { ...everyPod, isUntilDeleted: true }

const keepingKinds = [
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'StatefulSet.apps.kruise.io',
  'CloneSet',
  'DaemonSet.apps.kruise.io',
] as const satisfies readonly Kind[]
type KeepingKind = (typeof keepingKinds)[number]

const keepings: Readonly<Record<KeepingKind, (spec: SpecFields) => KeptBack | undefined>> = {
  Deployment: ({ paused }) => (paused === true ? everyPod : undefined),
  StatefulSet: belowPartition,
  DaemonSet: ({ updateStrategy }) => untilDeleted(fieldsOf(updateStrategy)),
  'StatefulSet.apps.kruise.io': belowPartition,
  CloneSet: spec => someOf(fieldsOf(spec['updateStrategy']), numberOf(spec['replicas']) ?? 1),
  'DaemonSet.apps.kruise.io': ({ updateStrategy }) =>
    untilDeleted(fieldsOf(updateStrategy))
    ?? someOf(fieldsOf(fieldsOf(updateStrategy)['rollingUpdate']), Infinity),
}

/** Which of its pods a workload keeps back; undefined where an update replaces all. */
export function keepingOf(object: KubeObject): KeptBack | undefined {
  const kind = kindOf(object)
  const keeping = kind && (keepings as Partial<Record<Kind, (typeof keepings)[KeepingKind]>>)[kind]
  return keeping?.(fieldsOf(Reflect.get(object, 'spec')))
}

const untilDeleted = ({ type }: SpecFields): KeptBack | undefined =>
  type === 'OnDelete' ? everyPodUntilDeleted : undefined

function belowPartition(spec: SpecFields): KeptBack | undefined {
  const strategy = fieldsOf(spec['updateStrategy'])
  const { type = 'RollingUpdate', rollingUpdate } = strategy
  if (type !== 'RollingUpdate') return untilDeleted(strategy)
  const { partition, paused } = fieldsOf(rollingUpdate)
  if (paused === true) return everyPod
  const count = numberOf(partition) ?? 0
  if (count <= 0) return undefined
  const start = numberOf(fieldsOf(spec['ordinals'])['start']) ?? 0
  return { below: start + count, isWhole: count >= (numberOf(spec['replicas']) ?? 1) }
}

/** OpenKruise counts the pods of earlier templates that stay, and not which they are. */
function someOf({ partition, paused }: SpecFields, replicas: number): KeptBack | undefined {
  if (paused === true || partition === '100%') return everyPod
  const count = typeof partition === 'string' ? Number.parseInt(partition, 10) : (numberOf(partition) ?? 0)
  if (!(count > 0)) return undefined
  return { below: Infinity, isWhole: typeof partition !== 'string' && count >= replicas }
}

/** Whether a pod of a workload is one of those that it keeps back. */
export function isKeptBack(pod: KubeObject, keeping: KeptBack | undefined): boolean {
  if (keeping === undefined || keeping.below === Infinity) return keeping !== undefined
  const number = /-(\d+)$/.exec(pod.metadata.name)?.[1]
  return number !== undefined && Number(number) < keeping.below
}

const keepingAll = <K extends KeepingKind>(kind: K): Index<K> => ({
  kind,
  keysOf: object => (keepingOf(object)?.isWhole === true ? ['all'] : []),
})

/** The workloads that keep back all their pods, by the key `all`: what they run is in no template. */
export const keepersOfAll: readonly Index[] = keepingKinds.map(keepingAll)

/** What all pods have of a workload whose kept pods a change has replaced; undefined if it has none replaced. */
export function selectorOfReleased({ before, after }: Change): Labels | undefined {
  const kept = before && after && keepingOf(before)
  return kept !== undefined && (keepingOf(after!)?.below ?? 0) < kept.below ? selectorOf(before!) : undefined
}

/** What all pods of a workload have, also those of an earlier template. */
export function selectorOf(object: KubeObject): Labels {
  const { matchLabels } = fieldsOf(fieldsOf(fieldsOf(Reflect.get(object, 'spec'))['selector']))
  const selector = labelsOf(matchLabels)
  return Object.keys(selector).length > 0 ? selector : (podVariantsOf(object)[0]?.labels ?? {})
}
