import { CanaryError } from '../objects/canary-error.ts'
import { kinds, type Kind } from '../objects/kinds.ts'
import { keyOf, type KubeObject, type Ref } from '../objects/kube-object.ts'
import { podTemplatesOf } from '../objects/pod-templates.ts'
import { compareNaturally } from '../objects/text/natural-order.ts'
import { fieldsOf, numberOf } from '../objects/unchecked.ts'
import { providers as allProviders } from '../providers/providers.ts'
import type { Note } from '../routing/note.ts'
import type { PlanStep, RetiredVersions, ServiceReading } from '../routing/provider.ts'
import { readyOf, type ServiceVersion, type VersionWorkload } from '../routing/service.ts'
import type { Change } from '../view/change.ts'
import type { ClusterView } from '../view/cluster-view.ts'
import { inSession } from '../view/session.ts'
import { otherUsersOf } from './cleanup/users-of-pods.ts'
import { findService, readFound } from './find/find-service.ts'
import type { EntryPoint } from '../routing/traffic.ts'
import { foreignRoutes, streamsTo } from './find/foreign-routes.ts'
import { finish } from './finish/finish.ts'
import { versionsInUse } from './finish/in-use.ts'
import type { Target } from './intent.ts'
import type { Plan } from './plan.ts'
import { refuseOwnedService } from './controllers/refuse-owned-service.ts'

/** Whether the workloads of old versions are scaled to zero, deleted or kept. */
export type OldWorkloads = 'scale' | 'delete' | 'keep'

/** What a finished canary left behind is to go. */
export interface CleanupIntent {
  readonly target: Target
  readonly workloads: OldWorkloads
  /** The versions that have had requests, as the history says; older ones than those in use are old, too. */
  readonly served: readonly string[]
  readonly force: boolean
}

/**
 * The subsets and workloads of versions that get no requests any more. A version that has had none yet waits for
 * its canary and stays. Throws a CanaryError `refused` where no version in use is healthy.
 */
export function planCleanup(given: ClusterView, intent: CleanupIntent, providers = allProviders): Plan {
  const { target, workloads } = intent
  const world = { view: inSession(given), providers }
  const found = findService(world, target, { routed: true })
  const { provider, service } = found
  refuseOwnedService(world.view, found, 'cleanup')
  const reading = readFound(world, found, target)
  // A route of another API may lead to any pod of the Service.
  const inUse = foreignRoutes(reading.view, found).length > 0 ? 'any' : versionsInUse(reading.traffic)
  if (inUse === 'any' || inUse.size === 0)
    return finish(provider, reading, {
      title: 'nothing to clean up',
      changes: [],
      notes: [{ kind: 'all-versions-in-use', service: service.name }],
    })
  const idle = reading.versions.filter(({ name }) => !inUse.has(name))
  const old = idle.filter(version => isOld(version, inUse, intent.served))
  if (old.length > 0) requireHealthy(reading, { inUse, live: target.live === true })
  const streamed = namedByStreams(reading, old)
  const free = old.filter(({ name }) => !streamed.some(({ version }) => version === name))
  const retired = provider.retire(
    reading,
    free.map(({ name }) => name),
  )
  const { changes: subsets } = retired
  const named = [...streamed, ...retired.named]
  const left = old.filter(({ name }) => !named.some(({ version }) => version === name))
  const sharers = reading.versions.filter(version => !left.includes(version))
  const gone =
    workloads === 'keep'
      ? []
      : left.flatMap(version => workloadChanges(reading, version, { how: workloads, sharers }))
  const names = left.map(({ name }) => name)
  const plan = finish(provider, reading, {
    title: names.length === 0 ? 'nothing to clean up' : `cleanup ${names.join(', ')}`,
    changes: [...subsets, ...gone.flatMap(({ changes }) => changes)],
    notes: [
      ...idle.filter(version => !old.includes(version)).map(version => notUsedYet(version, target)),
      ...[...named, ...namedIdly(reading)].map(versionNamed),
      ...gone.flatMap(({ notes }) => notes),
    ],
  })
  return { ...plan, steps: ordered(plan) }
}

const notUsedYet = ({ name }: ServiceVersion, { live }: Target): Note => ({
  kind: 'not-used-yet',
  version: name,
  live: live === true,
})

const versionNamed = (one: RetiredVersions['named'][number]): Note => ({ kind: 'version-named', ...one })

/** The versions that routes name with a weight of 0 alone: somebody may give them requests again at any time. */
function namedIdly({ traffic, versions }: ServiceReading): RetiredVersions['named'] {
  const { entryPoints } = traffic
  const withoutIdle = (point: EntryPoint): EntryPoint => ({
    ...point,
    splits: point.splits.map(split => ({
      ...split,
      shares: split.shares.filter(({ percent }) => percent > 0),
    })),
  })
  const taking = versionsInUse({ ...traffic, entryPoints: entryPoints.map(withoutIdle) })
  if (taking === 'any') return []
  return versions.flatMap(version => {
    const routes = entryPoints
      .filter(({ splits }) =>
        splits.some(({ shares }) => shares.some(share => share.version === version.name)),
      )
      .map(({ ref }) => ref)
    return routes.length === 0 || taking.has(version.name) ? [] : [{ version: version.name, routes }]
  })
}

/** The versions whose Services get connections, whatever happens to requests. */
function namedByStreams(
  { view, service }: ServiceReading,
  old: readonly ServiceVersion[],
): RetiredVersions['named'] {
  const streams = streamsTo(view, service)
  return old.flatMap(version => {
    const own = streams.filter(stream => stream.service === version.service?.name)
    const routes = [...new Map(own.map(({ object }) => [keyOf(object), object])).values()]
    return routes.length === 0 ? [] : [{ version: version.name, routes }]
  })
}

/** It has had requests, or it is older by natural order than all that get some now. */
const isOld = ({ name }: ServiceVersion, inUse: ReadonlySet<string>, served: readonly string[]): boolean =>
  served.includes(name) || [...inUse].every(other => compareNaturally(name, other) < 0)

/** Requests under way end before the pods do; routes are not changed here, so nothing else waits. */
function ordered({ steps }: Plan): readonly PlanStep[] {
  const isOfPods = ({ change: { before, after } }: PlanStep): boolean => {
    const object = (after ?? before)!
    return podTemplatesOf(object).length > 0 || object.kind === 'HorizontalPodAutoscaler'
  }
  const pods = steps.filter(isOfPods)
  const endsPods = pods.some(({ change: { before } }) => before !== undefined && mayHavePods(before))
  return [
    ...steps.filter(step => !isOfPods(step)),
    ...pods.map((step, i): PlanStep => (i === 0 && endsPods ? { ...step, waits: 'drained' } : step)),
  ]
}

/** A workload that is scaled to zero has none that could answer a request. */
const mayHavePods = (object: KubeObject): boolean =>
  podTemplatesOf(object).length > 0 && numberOf(fieldsOf(Reflect.get(object, 'spec'))['replicas']) !== 0

function requireHealthy(
  { versions, seesWorkloads, service }: ServiceReading,
  { inUse, live }: { readonly inUse: ReadonlySet<string>; readonly live: boolean },
): void {
  if (!live || !seesWorkloads) return
  const used = versions.filter(({ name }) => inUse.has(name))
  if (used.some(version => readyOf(version) > 0)) return
  throw new CanaryError(
    'refused',
    `no version of ${service.name} that gets requests has a ready pod: ${[...inUse].join(', ')}`,
    {
      hints: [
        'The old versions may be the last healthy ones. Repair that version, or promote an old one first.',
      ],
    },
  )
}

interface OldWorkload {
  readonly changes: readonly Change[]
  readonly notes: readonly Note[]
}

/** Whether a version has the same workload. */
const hasWorkload =
  ({ kind, name }: VersionWorkload) =>
  ({ workloads }: ServiceVersion): boolean =>
    workloads.some(other => other.kind === kind && other.name === name)

function workloadChanges(
  reading: ServiceReading,
  { workloads }: ServiceVersion,
  { how, sharers }: { readonly how: 'scale' | 'delete'; readonly sharers: readonly ServiceVersion[] },
): readonly OldWorkload[] {
  return workloads.map(workload => {
    const object = objectOf(reading, workload)
    if (object === undefined) return { changes: [], notes: [] }
    const ref: Ref = {
      kind: workload.kind as Kind,
      namespace: reading.service.namespace,
      name: workload.name,
    }
    const [behind, versions] = [otherUsersOf(reading, object), sharers.filter(hasWorkload(workload))]
    if (behind.length + versions.length > 0)
      return {
        changes: [],
        notes: [{ kind: 'workload-kept', object: ref, behind, versions: versions.map(({ name }) => name) }],
      }
    if (how === 'delete')
      return { changes: [...autoscalersOf(reading, workload), object].map(before => ({ before })), notes: [] }
    const spec = fieldsOf(Reflect.get(object, 'spec'))
    if (!scalable.has(workload.kind) || numberOf(spec['replicas']) === 0)
      return {
        changes: [],
        notes: scalable.has(workload.kind)
          ? []
          : [{ kind: 'workload-kept', object: ref, behind: [], versions: [] }],
      }
    return {
      changes: [{ before: object, after: { ...object, spec: { ...spec, replicas: 0 } } as KubeObject }],
      notes: [{ kind: 'workload-scaled', object: ref, replicas: numberOf(spec['replicas']) ?? 1 }],
    }
  })
}

/** A DaemonSet has no replicas to set. */
const scalable: ReadonlySet<string> = new Set(['Deployment', 'StatefulSet', 'ReplicaSet'])

const objectOf = (
  { view, service: { namespace } }: ServiceReading,
  { kind, name }: VersionWorkload,
): KubeObject | undefined =>
  (kinds as readonly string[]).includes(kind) ? view.get({ kind: kind as Kind, namespace, name }) : undefined

const autoscalersOf = (
  { view, service }: ServiceReading,
  { kind, name }: VersionWorkload,
): readonly KubeObject[] =>
  view
    .list('HorizontalPodAutoscaler', service.namespace)
    .filter(({ spec }) => spec.scaleTargetRef?.kind === kind && spec.scaleTargetRef.name === name)
