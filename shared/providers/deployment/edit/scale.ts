import type { Workload } from '../../../objects/core.ts'
import { scaleCommand } from '../../../objects/text/kubectl-commands.ts'
import type { Note } from '../../../routing/note.ts'
import type { Change } from '../../../view/change.ts'
import type { PodReading } from '../read/reading.ts'
import type { PodsRestore } from '../read/record.ts'
import { heldNotes, isScaledByLoad, requireNoAutoscaler } from './autoscalers.ts'
import { budgetNotes } from './budgets.ts'
import {
  deploymentOf,
  podsBefore,
  podsWanted,
  replicasOf,
  requireDeployments,
  type PodsTask,
  type Scaling,
  type VersionPods,
} from './pods-wanted.ts'
import { divide, exactTotal } from './replicas.ts'

/** What an edit of shares comes to: the Deployments that change, and what is to be recorded. */
export interface ScalingEdit {
  readonly changes: readonly Change[]
  readonly notes: readonly Note[]
  /** What was there before the canary, for its record. */
  readonly restore: Pick<PodsRestore, 'replicas' | 'pods'>
}

/**
 * Gives the versions the pods that their shares ask for. Throws a CanaryError `refused` where something would set them
 * back, or a budget asks for more.
 */
export function scaleVersions(task: PodsTask, command: string): ScalingEdit {
  const { reading, restore, wanted } = task
  requireDeployments(reading)
  const isEnd = wanted.stable === undefined
  const pods = podsWanted(task)
  const scalings = pods.flatMap(each => scalingsOf(reading, each, { restore, isEnd }))
  // What takes requests back is not held up: what scales a Deployment by its load continues doing so.
  const isAbort =
    isEnd && pods.every(({ version, percent }) => percent === 0 || !isPromoted(task, version.name))
  const made = isAbort ? scalings.filter(scaling => !isHeldByLoad(reading, scaling)) : scalings
  if (!isAbort) requireNoAutoscaler(reading, made, command)
  const budgets = isAbort ? [] : budgetNotes(reading, made)
  const changes = made.map(({ before, replicas, isLeftOut }) => ({
    before,
    after: withReplicas(before, isLeftOut ? undefined : replicas),
  }))
  const set = pods.reduce((sum, each) => sum + each.pods, 0)
  return {
    changes: changes.filter(({ before, after }) => before.spec.replicas !== after.spec.replicas),
    notes: [
      ...(isEnd ? [] : shareNotes(reading, pods)),
      ...budgets,
      ...(isAbort ? heldNotes(reading, scalings) : []),
    ],
    restore: {
      replicas: { ...replicasNow(reading), ...restore.replicas },
      pods: { before: podsBefore(reading, restore), set },
    },
  }
}

const isPromoted = ({ wanted }: PodsTask, name: string): boolean => wanted.unmirrored?.includes(name) === true

/** An autoscaler keeps the pods that it has; it leaves a Deployment without pods alone. */
const isHeldByLoad = (reading: PodReading, scaling: Scaling): boolean =>
  isScaledByLoad(reading, scaling) && replicasOf(scaling.before) > 0

/** The replicas of each Deployment of a version; several divide them as they have them. */
function scalingsOf(
  reading: PodReading,
  { version, pods }: VersionPods,
  { restore, isEnd }: { readonly restore: PodsRestore; readonly isEnd: boolean },
): readonly Scaling[] {
  const deployments = version.workloads.flatMap(({ name }) => deploymentOf(reading, name) ?? [])
  const weighed = deployments.map(before => ({
    of: before,
    weight: restore.replicas?.[before.metadata.name] ?? replicasOf(before),
  }))
  const isAny = weighed.some(({ weight }) => weight > 0)
  return divideExactly(pods, isAny ? weighed : deployments.map(of => ({ of, weight: replicasOf(of) }))).map(
    ({ of, count }) => ({
      before: of,
      replicas: count,
      isLeftOut: isEnd && count === 1 && restore.replicas?.[of.metadata.name] === null,
    }),
  )
}

/** As `divide`, but never more than there are: a version may have fewer pods than Deployments. */
function divideExactly<T>(
  pods: number,
  parts: Parameters<typeof divide<T>>[1],
): ReturnType<typeof divide<T>> {
  const divided = divide(pods, parts)
  let over = divided.reduce((sum, { count }) => sum + count, 0) - pods
  return divided
    .toReversed()
    .map(({ of, count }) => {
      const less = Math.min(over, count)
      over -= less
      return { of, count: count - less }
    })
    .toReversed()
}

/** Untouched except for the replicas; with undefined they are left out. */
export function withReplicas(object: Workload, replicas: number | undefined): Workload {
  if (object.spec.replicas === replicas) return object
  if (replicas !== undefined && object.spec.replicas === undefined && replicas === 1) return object
  if (replicas === undefined) {
    const { replicas: _, ...spec } = object.spec
    return { ...object, spec }
  }
  return { ...object, spec: { ...object.spec, replicas } }
}

const replicasNow = (reading: PodReading): Readonly<Record<string, number | null>> =>
  Object.fromEntries(
    reading.versions
      .flatMap(({ workloads }) => workloads)
      .flatMap(({ name }) => {
        const found = deploymentOf(reading, name)
        return found === undefined ? [] : [[name, found.spec.replicas ?? null] as const]
      }),
  )

/** The note for shares that this number of pods cannot express. */
function shareNotes(reading: PodReading, all: readonly VersionPods[]): readonly Note[] {
  const shares = all.filter(({ percent }) => percent > 0)
  const pods = shares.reduce((sum, each) => sum + each.pods, 0)
  if (shares.every(each => each.pods * 100 === each.percent * pods)) return []
  const step = exactTotal(shares.map(({ percent }) => percent))
  const exact = Math.ceil(pods / step) * step
  const fix = scalingFix(reading, shares, exact)
  return [
    {
      kind: 'share-by-pods',
      pods,
      shares: shares.map(each => ({ version: each.version.name, asked: each.percent, pods: each.pods })),
      exact,
      ...(fix !== undefined && { fix }),
    },
  ]
}

/** The command after which there are pods for exact shares; of a lone Deployment that nothing else scales. */
function scalingFix(reading: PodReading, shares: readonly VersionPods[], exact: number): string | undefined {
  const [first, ...others] = shares
  const [workload, ...more] = first?.version.workloads ?? []
  const pods = exact - others.reduce((sum, each) => sum + each.pods, 0)
  const before = workload && deploymentOf(reading, workload.name)
  if (!reading.complete || before === undefined || more.length > 0 || pods < 1) return undefined
  if (isScaledByLoad(reading, { before, replicas: pods, isLeftOut: false })) return undefined
  return scaleCommand(
    { kind: 'Deployment', namespace: reading.service.namespace, name: workload!.name },
    pods,
  )
}
