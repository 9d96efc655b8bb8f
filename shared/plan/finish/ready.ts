import { CanaryError } from '../../objects/canary-error.ts'
import { keyOf } from '../../objects/kube-object.ts'
import type { ServiceReading, Turn } from '../../routing/provider.ts'
import { readyOf, wantedOf, type RoutedService, type ServiceVersion } from '../../routing/service.ts'
import type { EntryPoint, Traffic } from '../../routing/traffic.ts'
import type { Target } from '../intent.ts'

/** The versions that are to be sent traffic, and whether readiness is ignored (`--force`). */
export interface Receivers {
  readonly versions: readonly ServiceVersion[]
  readonly target: Target
  readonly force: boolean
  /** Shares depend on pods alone: who gets more of them is who receives. */
  readonly isByPods?: boolean
}

/** A version that is about to get requests and has no ready pod; `pods` says what it has. */
export interface UnreadyVersion {
  readonly version: string
  readonly service: string
  readonly pods: string
  /** How many pods have to be ready, where that is more than one. */
  readonly needed?: number
}

/**
 * Throws a CanaryError `refused` when a version without a ready pod would get traffic that it does not have
 * already. Files say nothing about
 * readiness, so it is not judged on them.
 */
export function requireReady(
  { versions, target, force, isByPods }: Receivers,
  { before, after }: Turn,
): void {
  if (force) return
  if (target.live !== true) return requirePods({ versions, target }, { before, after })
  const { service } = before
  const unready = versions.filter(version => readyOf(version) === 0 && isReadinessKnown(before, version))
  if (unready.length === 0) return
  const version = unready.find(
    one =>
      ((one.subset === undefined && one.service === undefined && isByPods !== true)
        || gains(one.name, before.traffic, after.traffic))
      && !isComing(one, after.versions),
  )
  if (version === undefined) return
  throw new CanaryError(
    'refused',
    `version ${version.name} of ${service.name} has no ready workload: ${podsOf(version, service)}`,
    {
      hints: [
        ...waitHint(service, version),
        // Where no workload has its labels, the webhook denies it.
        ...(version.workloads.length === 0
          ? [
              version.service === undefined
                ? `Deploy it first, with pods of ${service.name} that carry its labels.`
                : `Deploy it first, with pods that the Service ${version.service.name} selects.`,
            ]
          : [`Or send traffic to it now: kubectl canary ${target.command} --force`]),
      ],
    },
  )
}

/** In files a version that is scaled to zero is known to have no pods. */
function requirePods(
  { versions, target }: Pick<Receivers, 'versions' | 'target'>,
  { before, after }: Turn,
): void {
  const { service } = before
  const version = versions.find(
    one =>
      one.workloads.length > 0
      && wantedOf(one) === 0
      && gains(one.name, before.traffic, after.traffic)
      && !isComing(one, after.versions),
  )
  if (version === undefined) return
  const names = version.workloads.map(({ kind, name }) => `${kind} ${name}`)
  throw new CanaryError(
    'refused',
    `version ${version.name} of ${service.name} has no pods: spec.replicas of ${names.join(', ')} is 0`,
    {
      hints: [
        'Set spec.replicas first.',
        `Or send traffic to it now: kubectl canary ${target.command} --force`,
      ],
    },
  )
}

/** The plan itself asks for pods of the version: they are waited for before a route leads to them. */
const isComing = (version: ServiceVersion, after: readonly ServiceVersion[]): boolean =>
  after.some(later => later.name === version.name && wantedOf(later) > wantedOf(version))

const waitHint = (
  { host, namespace }: RoutedService,
  { service: own }: Pick<ServiceVersion, 'service'>,
): readonly string[] =>
  host === undefined ? [`Wait for it: kubectl get pods -n ${own?.namespace ?? namespace} -w`] : []

function podsOf({ workloads, service: own }: ServiceVersion, { host }: RoutedService): string {
  const pods = workloads.map(({ kind, name, ready, wanted }) => `${kind} ${name} ${ready}/${wanted} ready`)
  const none =
    own !== undefined
      ? `no pods are behind the Service ${own.name}`
      : host === undefined
        ? 'no pods behind the Service carry its labels'
        : 'no endpoints of the ServiceEntry carry its labels'
  return pods.join(', ') || none
}

/**
 * Which versions are to get requests that they do not have now, and of these, later, who has no ready pod. None where a
 * person insists, and on files.
 */
export function lackOf(
  { target, force }: Receivers,
  { before, after }: Turn,
): ((later: ServiceReading) => readonly UnreadyVersion[]) | undefined {
  if (force || target.live !== true) return undefined
  const names = after.versions.flatMap(({ name }) =>
    gains(name, before.traffic, after.traffic) ? [name] : [],
  )
  if (names.length === 0) return undefined
  return later =>
    later.versions.flatMap(version =>
      names.includes(version.name) && readyOf(version) === 0 && isReadinessKnown(later, version)
        ? [{ version: version.name, service: later.service.name, pods: podsOf(version, later.service) }]
        : [],
    )
}

/**
 * The same where an edit sets how many pods versions have: before one loses some, those that lose none have all of theirs
 * ready, or one where `isWhole` is false. Nobody can insist that it does not.
 */
export function scaledLackOf(
  { target }: Pick<Receivers, 'target'> = { target: { namespace: '', command: '' } },
  { before, after }: Turn,
  isWhole: boolean,
): (later: ServiceReading) => readonly UnreadyVersion[] {
  const needs = new Map(
    after.versions.flatMap(version => {
      const earlier = before.versions.find(({ name }) => name === version.name)
      const [now, was] = [wantedOf(version), earlier === undefined ? 0 : wantedOf(earlier)]
      return now > 0 && now >= was ? [[version.name, isWhole ? now : 1] as const] : []
    }),
  )
  if (target.live !== true) return () => []
  return later =>
    later.versions.flatMap(version => {
      const needed = needs.get(version.name) ?? 0
      if (readyOf(version) >= needed || !isReadinessKnown(later, version)) return []
      const pods = podsOf(version, later.service)
      return [{ version: version.name, service: later.service.name, pods, needed }]
    })
}

/** The error for a version whose pods did not become ready in time; `waited` as in `60 s`. */
export const notReadyInTime = (
  { version, service, pods, needed }: UnreadyVersion,
  { waited, target }: { readonly waited: string; readonly target: Target },
): CanaryError =>
  new CanaryError(
    'refused',
    `version ${version} of ${service} has ${(needed ?? 1) > 1 ? `fewer than ${needed} ready pods` : 'no ready pod'} after ${waited}: ${pods}`,
    {
      hints: [
        'Wait longer: --ready-timeout 5m',
        ...(needed === undefined
          ? [`Or send traffic to it now: kubectl canary ${target.command} --force`]
          : []),
      ],
    },
  )

/** Whether it is known how many pods of a version are ready. */
export const isReadinessKnown = ({ seesWorkloads }: ServiceReading, { workloads }: ServiceVersion): boolean =>
  workloads.length > 0 || seesWorkloads

/** Whether a version gets requests that it did not get before: a larger share of a route, more copies, or a cohort. */
export function gains(version: string, before: Traffic, after: Traffic): boolean {
  const known = new Map(before.entryPoints.map(entryPoint => [keyOf(entryPoint.ref), entryPoint]))
  return after.entryPoints.some(entryPoint => {
    const earlier = known.get(keyOf(entryPoint.ref))
    return (
      entryPoint.splits.some((_, i) => shareOf(entryPoint, i, version) > shareOf(earlier, i, version))
      || copiesOf(entryPoint, version) > copiesOf(earlier, version)
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

const copiesOf = (entryPoint: EntryPoint | undefined, version: string): number =>
  Math.max(
    0,
    ...(entryPoint?.mirrors ?? []).filter(mirror => mirror.version === version).map(({ percent }) => percent),
  )
