import { CanaryError } from '../../../objects/canary-error.ts'
import type { Workload } from '../../../objects/core.ts'
import { fieldsOf, numberOf } from '../../../objects/unchecked.ts'
import { wantedOf } from '../../../routing/service.ts'
import type { Wanted, WantedSplit } from '../../../routing/wanted.ts'
import type { PodReading, PodVersion } from '../read/reading.ts'
import type { PodsRestore } from '../read/record.ts'
import { divide } from './replicas.ts'

/** How many pods a version is to have, and what part of the requests it was asked for. */
export interface VersionPods {
  readonly version: PodVersion
  readonly percent: number
  readonly pods: number
}

/** A Deployment that gets other replicas. */
export interface Scaling {
  readonly before: Workload
  readonly replicas: number
  /** The field is left out again, as it was before the canary. */
  readonly isLeftOut: boolean
}

/** What is wanted of the pods of a service. */
export interface PodsTask {
  readonly reading: PodReading
  readonly wanted: Wanted & { readonly split: WantedSplit }
  readonly restore: PodsRestore
}

/** The replicas that a Deployment asks for; 1 where it says nothing. */
export const replicasOf = ({ spec }: Workload): number => numberOf(fieldsOf(spec)['replicas']) ?? 1

/** The Deployment of a workload of a version. */
export const deploymentOf = ({ view, service }: PodReading, name: string): Workload | undefined =>
  view.get({ kind: 'Deployment', namespace: service.namespace, name })

/**
 * The pods of all versions before the canary. Where somebody else has set other numbers since the last edit, these
 * are what counts.
 */
export function podsBefore({ versions }: PodReading, { pods }: PodsRestore): number {
  const now = versions.reduce((sum, version) => sum + wantedOf(version), 0)
  return pods !== undefined && pods.set === now ? pods.before : now
}

/**
 * How many pods each version gets. Shares are divided over the pods of all; at the end of a canary the version that
 * stays gets those of all, and where it was stable before, its own of before.
 */
export function podsWanted(task: PodsTask): readonly VersionPods[] {
  const { reading, wanted, restore } = task
  const percentOf = (name: string): number =>
    wanted.split.shares.find(({ version }) => version === name)?.percent ?? 0
  if (wanted.stable === undefined)
    return reading.versions.map(version => ({
      version,
      percent: percentOf(version.name),
      pods: percentOf(version.name) > 0 ? podsAtEnd(task, version) : 0,
    }))
  // Stable comes first, as in the split: of equal remainders its own is filled first.
  const inOrder = wanted.split.shares.flatMap(({ version: name }) =>
    reading.versions.filter(version => version.name === name),
  )
  const others = reading.versions.filter(version => !inOrder.includes(version))
  return divide(
    podsBefore(reading, restore),
    [...inOrder, ...others].map(version => ({ of: version, weight: percentOf(version.name) })),
  ).map(({ of, count }) => ({ version: of, percent: percentOf(of.name), pods: count }))
}

/** The pods of the version that stays: as many as all have, or where it was stable before, its own of before. */
function podsAtEnd({ reading, wanted, restore }: PodsTask, version: PodVersion): number {
  const all = Math.max(podsBefore(reading, restore), 1)
  if (wanted.unmirrored?.includes(version.name) === true) return all
  const before = version.workloads.map(({ name }) => restore.replicas?.[name])
  const isRecorded = before.length > 0 && before.every(count => count !== undefined)
  const own = isRecorded ? before.reduce<number>((sum, count) => sum + (count ?? 1), 0) : wantedOf(version)
  // The replicas were changed since the last edit, on purpose: the version keeps what it has.
  const now = reading.versions.reduce((sum, each) => sum + wantedOf(each), 0)
  const isChanged = restore.pods !== undefined && restore.pods.set !== now
  return isChanged ? Math.max(own, wantedOf(version), 1) : own > 0 ? own : all
}

/** Throws a CanaryError `refused` where something else than a Deployment has pods of the service. */
export function requireDeployments({ versions, service }: PodReading): void {
  for (const { name, workloads } of versions)
    for (const workload of workloads)
      if (workload.kind !== 'Deployment' && workload.wanted > 0)
        throw new CanaryError(
          'refused',
          `${workload.kind} ${service.namespace}/${workload.name} has pods of version ${name} of ${service.name}, and only Deployments are scaled`,
          {
            hints: [
              'Its pods count in the share of the version. Run the version by a Deployment, or shift traffic by routes of a mesh or gateway.',
            ],
          },
        )
}
