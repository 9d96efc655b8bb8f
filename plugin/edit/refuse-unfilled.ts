import { CanaryError } from '../../shared/objects/canary-error.ts'
import { serviceHost } from '../../shared/objects/hosts.ts'
import { keyOf, type Ref } from '../../shared/objects/kube-object.ts'
import { formatPath } from '../../shared/objects/paths.ts'
import { findService, readFound } from '../../shared/plan/find/find-service.ts'
import { trafficsOf, type Plan } from '../../shared/plan/plan.ts'
import { providers as allProviders } from '../../shared/providers/providers.ts'
import type { Provider } from '../../shared/routing/provider.ts'
import type { Traffic } from '../../shared/routing/traffic.ts'
import { decidingField, newOpenSubset, type HostEdit } from '../../shared/rules/placeholders/deciding.ts'
import { patternsOf } from '../../shared/rules/placeholders/patterns.ts'
import { changedRef } from '../../shared/view/change.ts'
import { formatPosition, type Placeholder, type Skipped, type Unfilled } from '../../shared/view/sources.ts'
import type { Reading } from '../../shared/view/store.ts'
import type { CommandReading } from '../read/read-for-command.ts'
import type { Intent } from './intent.ts'

const hint = 'Fill the placeholders in first, or edit the files that they are filled in from.'
const refusal = (message: string): CanaryError => new CanaryError('refused', message, { hints: [hint] })

/**
 * Throws `refused` where a placeholder decides what an edit does: in a route that may lead to the service, in
 * subsets that may be its own, in what would be written as a subset, or in the replicas that are divided. Hosts,
 * gateways and timeouts that are still to be filled in stay as they are.
 */
export function refuseUnfilled(reading: Reading, plan: Plan, intent: Intent): void {
  const { sources } = reading
  if (sources === undefined || sources.unfilled.length === 0) return
  for (const { before } of trafficsOf(plan)) refuseUnfilledRoutes(reading, before, intent)
  const patterns = patternsOf(sources.unfilled)
  for (const change of plan.changes) {
    const text = newOpenSubset(change, patterns)
    if (text === undefined) continue
    throw refusal(`${keyOf(changedRef(change))} would get a subset with the placeholder ${text}`)
  }
}

/** Where shares are pods, the replicas of every version decide how many each of them gets. */
function refuseUnfilledReplicas({ sources }: Reading, { entryPoints, versions, namespace }: Traffic): void {
  if (!entryPoints.some(({ asked }) => asked !== undefined)) return
  for (const { kind, name } of versions.flatMap(({ workloads = [] }) => workloads))
    for (const { ref, placeholders } of sources?.unfilled ?? []) {
      if (ref.kind !== kind || ref.name !== name || ref.namespace !== namespace) continue
      const field = placeholders.find(({ path }) => formatPath(path) === 'spec.replicas')
      if (field !== undefined) throw decides(sources, ref, field)
    }
}

function refuseUnfilledRoutes(reading: Reading, traffic: Traffic, { kind }: Intent): void {
  refuseUnfilledReplicas(reading, traffic)
  const { clusterDomain } = reading.view.mesh
  const patterns = patternsOf(reading.sources?.unfilled ?? [])
  for (const host of hostsOf(traffic, clusterDomain))
    refuseDeciding(reading, { host, clusterDomain, patterns, withMatches: kind === 'set-cohort' })
}

/** A service outside the cluster is named by its host; versions may be Services of their own. */
function hostsOf({ service, namespace, versions }: Traffic, clusterDomain: string): readonly string[] {
  const services = versions.flatMap(({ host }) => (host === undefined ? [] : [host.split('.')]))
  return [
    service.includes('.') ? service : serviceHost(service, namespace, clusterDomain),
    ...services.map(([name = '', of = namespace]) => serviceHost(name, of, clusterDomain)),
  ]
}

function refuseDeciding({ sources, view }: Reading, edit: HostEdit): void {
  for (const { ref, placeholders } of sources?.unfilled ?? []) {
    const object = view.get(ref)
    const field = object === undefined ? undefined : decidingField(object, placeholders, edit)
    if (field === undefined) continue
    throw decides(sources, ref, field)
  }
}

function decides(sources: Reading['sources'], ref: Ref, field: Placeholder): CanaryError {
  const position = sources?.positionOf(ref, field.path)
  const place = position === undefined ? '' : ` (${formatPosition(position)})`
  return refusal(
    `${keyOf(ref)} has the placeholder ${field.texts[0]} in ${formatPath(field.path)}${place}: it decides what the edit does`,
  )
}

/**
 * The same error; where a person is asked to say more, and a placeholder decides what the edit does, the refusal that
 * an answer would get.
 */
export function withUnfilledRoute(
  error: unknown,
  reading: CommandReading,
  {
    intent,
    providers = allProviders,
  }: { readonly intent: Intent; readonly providers?: readonly Provider[] | undefined },
): unknown {
  const { sources, view, target } = reading
  const isAsked = error instanceof CanaryError && (error.code === 'usage' || error.code === 'ambiguous')
  if (!isAsked || sources === undefined || sources.unfilled.length === 0) return error
  const world = { view, providers }
  try {
    refuseUnfilledRoutes(
      reading,
      readFound(world, findService(world, target, { routed: true }), target).traffic,
      intent,
    )
  } catch (refused) {
    if (refused instanceof CanaryError && refused.code === 'refused') return refused
  }
  return error
}

const routeKinds = new Set(['VirtualService', 'HTTPRoute', 'GRPCRoute', 'ApisixRoute'])
const kinds = new Set([...routeKinds, 'DestinationRule', 'Service', 'Deployment'])

/** The same error; where objects with placeholders, or templates of objects, may be what was meant, with their names. */
export function withUnfilledHint(error: unknown, { sources }: Reading): unknown {
  if (!(error instanceof CanaryError) || error.code !== 'not-found' || sources === undefined) return error
  const [templates, unfilled] = [templateHints(sources.skipped), unfilledHints(sources.unfilled)]
  return templates.length + unfilled.length === 0
    ? error
    : new CanaryError(error.code, error.message, {
        hints: [...templates, ...error.hints, ...unfilled],
        cause: error,
      })
}

function unfilledHints(unfilled: readonly Unfilled[]): readonly string[] {
  const found = unfilled.filter(({ ref }) => kinds.has(ref.kind))
  if (found.length === 0) return []
  const names = found
    .slice(0, 3)
    .map(({ ref, placeholders }) => `${keyOf(ref)} (${placeholders[0]!.texts[0]})`)
  const more = found.length > 3 ? ` and ${found.length - 3} more` : ''
  return [`If this is about ${names.join(', ')}${more}: fill in the placeholders first.`]
}

/** What a template is for is known only when it is rendered, so that what follows may make the same object again. */
function templateHints(skipped: readonly Skipped[]): readonly string[] {
  const found = skipped.filter(({ why, kind }) => why === 'template' && kinds.has(kind ?? ''))
  const [first] = found.toSorted((a, b) => Number(routeKinds.has(b.kind!)) - Number(routeKinds.has(a.kind!)))
  if (first === undefined) return []
  const { file, line, kind } = first
  const more = found.length > 1 ? `, and ${found.length - 1} more` : ''
  return [
    `Templates were not read (${kind} in ${file}${line === undefined ? '' : `:${line}`}${more}). If what is missing is in one: change the values that fill it in, or edit the rendered manifests.`,
  ]
}
