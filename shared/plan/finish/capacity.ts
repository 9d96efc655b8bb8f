import type { HorizontalPodAutoscaler } from '../../objects/autoscaling.ts'
import { CanaryError } from '../../objects/canary-error.ts'
import { refOf } from '../../objects/kinds.ts'
import { patchCommand } from '../../objects/text/kubectl-commands.ts'
import type { Note } from '../../routing/note.ts'
import type { ServiceReading, Turn } from '../../routing/provider.ts'

import { podsNeeded, readyOf, wantedOf, type ServiceVersion } from '../../routing/service.ts'
import type { Traffic } from '../../routing/traffic.ts'
import type { Target } from '../intent.ts'
import { gains, isReadinessKnown } from './ready.ts'

/** The shares that versions are to get, and whose pods serve these requests now. */
export interface Load {
  readonly target: Target
  /** Percent of all requests by version. */
  readonly shares: readonly { readonly version: ServiceVersion; readonly percent: number }[]
  /** The versions that serve ordinary requests, where routes do not tell. */
  readonly stable: readonly ServiceVersion[]
  /** Refuse what has too few pods, because the old version is then not needed any more. */
  readonly isFinal?: boolean
  /** The command continues anyway. */
  readonly force?: boolean
}

/** A version with fewer ready pods than its share needs, measured by those that serve the requests now. */
interface Shortage {
  readonly version: ServiceVersion
  readonly percent: number
  /** How much of it are copies. */
  readonly mirrored: number
  /** Pods that serve all requests now, and the version that they are of. */
  readonly served: number
  readonly by: string
  /** Its part of them, rounded up. */
  readonly needed: number
}

/**
 * What is said of versions with too few ready pods for a larger share. Throws a CanaryError `refused` where the
 * edit is final. Files say nothing about ready pods, so nothing is judged on them.
 */
export function capacityNotes(load: Load, turn: Turn): readonly Note[] {
  const { target, isFinal = false, force = false } = load
  if (target.live !== true || turn.before.service.host !== undefined) return []
  const short = shortagesOf(load, turn)
  const [first] = short
  if (isFinal && !force && first !== undefined) throw tooFew(load, turn.before, first)
  const { service } = turn.before
  return short.map(({ version, percent, mirrored, needed, served, by }) => {
    const autoscaler = autoscalerOf(turn.before, version)
    return {
      kind: 'too-few-pods',
      service: service.name,
      version: version.name,
      percent,
      ...(mirrored > 0 && { mirrored }),
      ready: readyOf(version),
      needed,
      served,
      by,
      ...(autoscaler !== undefined && {
        autoscaler: { object: refOf(autoscaler), most: mostOf(autoscaler) },
      }),
    }
  })
}

function shortagesOf({ shares, stable }: Load, { before, after }: Turn): readonly Shortage[] {
  return shares.flatMap(({ version, percent: share }) => {
    const mirrored = mirroredTo(after.traffic, version.name)
    const percent = share + mirrored
    const others = servingNow(before, version) ?? stable.filter(other => other !== version)
    const known = [version, ...others].every(each => isReadinessKnown(before, each))
    if (percent === 0 || !known || !gains(version.name, before.traffic, after.traffic)) return []
    const served = others.reduce((sum, each) => sum + readyOf(each), 0)
    const needed = podsNeeded(served, percent)
    const by = others.map(({ name }) => name).join(' and ')
    return readyOf(version) < needed ? [{ version, percent, mirrored, served, by, needed }] : []
  })
}

/** The other version that has most of the requests now; undefined where routes name none. */
function servingNow(
  { versions, traffic }: ServiceReading,
  but: ServiceVersion,
): readonly ServiceVersion[] | undefined {
  const [most] = versions
    .filter(version => version !== but)
    .map(version => ({ version, percent: sumOf(traffic, version.name) }))
    .filter(({ percent }) => percent > 0)
    .toSorted((a, b) => b.percent - a.percent || readyOf(b.version) - readyOf(a.version))
  return most === undefined ? undefined : [most.version]
}

/** How much of the requests a version gets copies of, at the entry point and route where it is most. */
const mirroredTo = ({ entryPoints }: Traffic, name: string): number =>
  Math.max(
    0,
    ...entryPoints
      .filter(({ idle }) => idle === undefined)
      .flatMap(({ mirrors }) => mirrors.filter(({ version }) => version === name))
      .map(({ percent }) => percent),
  )

/** How much of the requests a version has itself, at the route where it is most. */
export const shareOfRequests = ({ entryPoints }: Traffic, name: string): number =>
  Math.max(
    0,
    ...entryPoints
      .flatMap(({ splits }) => splits.filter(({ reached }) => reached).flatMap(({ shares }) => shares))
      .filter(({ version }) => version === name)
      .map(({ percent }) => percent),
  )

const sumOf = ({ entryPoints }: Traffic, name: string): number =>
  entryPoints
    .filter(({ preview }) => preview === undefined)
    .flatMap(({ splits }) => splits.filter(({ reached }) => reached).flatMap(({ shares }) => shares))
    .filter(({ version }) => version === name)
    .reduce((sum, { percent }) => sum + percent, 0)

function tooFew(
  { target }: Load,
  reading: ServiceReading,
  { version, needed, served, by }: Shortage,
): CanaryError {
  const pods = (count: number): string => `${count} ready ${count === 1 ? 'pod' : 'pods'}`
  return new CanaryError(
    'refused',
    `version ${version.name} of ${reading.service.name} has ${pods(readyOf(version))}, and ${by}, which serves the requests now, has ${served}`,
    {
      hints: [
        ...scalingHint(reading, version, needed),
        `Or give it all requests now: kubectl canary ${target.command} --force`,
      ],
    },
  )
}

/** The kinds that `kubectl scale` knows. */
const scalable: ReadonlySet<string> = new Set(['Deployment', 'StatefulSet', 'ReplicaSet', 'Rollout'])

/** How the version gets so many pods. An autoscaler adds pods only once the requests have come, if it may. */
function scalingHint(reading: ServiceReading, version: ServiceVersion, needed: number): readonly string[] {
  const { namespace } = reading.service
  const autoscaler = autoscalerOf(reading, version)
  if (autoscaler !== undefined && (autoscaler.spec.minReplicas ?? 1) < needed) {
    const spec = { minReplicas: needed, ...(mostOf(autoscaler) < needed && { maxReplicas: needed }) }
    return [
      `Its HorizontalPodAutoscaler ${autoscaler.metadata.name} adds pods only once the requests have come. Raise the minimum first: ${patchCommand(refOf(autoscaler), 'merge', { spec })}`,
    ]
  }
  const [workload, ...others] = version.workloads
  const isScalable = workload !== undefined && others.length === 0 && scalable.has(workload.kind)
  if (wantedOf(version) >= needed || !isScalable)
    return [`Wait for its pods: kubectl get pods -n ${namespace} -w`]
  return [
    `Scale it first: kubectl scale ${workload.kind.toLowerCase()} ${workload.name} -n ${namespace} --replicas=${needed}`,
  ]
}

const mostOf = ({ spec }: HorizontalPodAutoscaler): number => spec.maxReplicas ?? 1

/** The autoscaler of a version's one workload. */
function autoscalerOf(
  { view, service }: ServiceReading,
  { workloads }: ServiceVersion,
): HorizontalPodAutoscaler | undefined {
  const [workload, ...others] = workloads
  if (workload === undefined || others.length > 0) return undefined
  return view
    .list('HorizontalPodAutoscaler', service.namespace)
    .find(
      ({ spec }) => spec.scaleTargetRef?.kind === workload.kind && spec.scaleTargetRef.name === workload.name,
    )
}
