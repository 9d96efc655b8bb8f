import { CanaryError } from '../../objects/canary-error.ts'
import { keyOf } from '../../objects/kube-object.ts'
import type { ServiceReading, Turn } from '../../routing/provider.ts'
import { readyOf, type ServiceVersion } from '../../routing/service.ts'
import type { EntryPoint, Traffic } from '../../routing/traffic.ts'
import type { Target } from '../intent.ts'

/** The versions that are to be sent traffic, and whether readiness is ignored (`--force`). */
export interface Receivers {
  readonly versions: readonly ServiceVersion[]
  readonly target: Target
  readonly force: boolean
}

/**
 * Throws a CanaryError `refused` when a version without a ready pod would get traffic that it does not have
 * already. Files say nothing about
 * readiness, so it is not judged on them.
 */
export function requireReady({ versions, target, force }: Receivers, { before, after }: Turn): void {
  if (force || target.live !== true) return
  const { service } = before
  const unready = versions.filter(version => readyOf(version) === 0 && isReadinessKnown(before, version))
  if (unready.length === 0) return
  const version = unready.find(
    ({ name, subset }) => subset === undefined || gains(name, before.traffic, after.traffic),
  )
  if (version === undefined) return
  const workloads = version.workloads
    .map(({ kind, name, ready, wanted }) => `${kind} ${name} ${ready}/${wanted} ready`)
    .join(', ')
  const none =
    service.host === undefined
      ? 'no pods behind the Service carry its labels'
      : 'no endpoints of the ServiceEntry carry its labels'
  throw new CanaryError(
    'refused',
    `version ${version.name} of ${service.name} has no ready workload: ${workloads || none}`,
    {
      hints: [
        ...(service.host === undefined ? [`Wait for it: kubectl get pods -n ${service.namespace} -w`] : []),
        // Where no workload has its labels, the webhook denies it.
        ...(version.workloads.length === 0
          ? [`Deploy it first, with pods of ${service.name} that carry its labels.`]
          : [`Or send traffic to it now: kubectl canary ${target.command} --force`]),
      ],
    },
  )
}

/** Whether it is known how many pods of a version are ready. */
export const isReadinessKnown = ({ seesWorkloads }: ServiceReading, { workloads }: ServiceVersion): boolean =>
  workloads.length > 0 || seesWorkloads

/** Whether a version gets requests that it did not get before: a larger share of a route, or a cohort. */
export function gains(version: string, before: Traffic, after: Traffic): boolean {
  const known = new Map(before.entryPoints.map(entryPoint => [keyOf(entryPoint.ref), entryPoint]))
  return after.entryPoints.some(entryPoint => {
    const earlier = known.get(keyOf(entryPoint.ref))
    return (
      entryPoint.splits.some((_, i) => shareOf(entryPoint, i, version) > shareOf(earlier, i, version))
      || entryPoint.cohorts.some(
        ({ to, conditions }) =>
          to === version
          && earlier?.cohorts.some(
            other => other.to === to && JSON.stringify(other.conditions) === JSON.stringify(conditions),
          ) !== true,
      )
    )
  })
}

const shareOf = (entryPoint: EntryPoint | undefined, split: number, version: string): number =>
  (entryPoint?.splits[split]?.shares ?? [])
    .filter(share => share.version === version)
    .reduce((sum, { percent }) => sum + percent, 0)
