import { CanaryError } from '../../objects/canary-error.ts'
import { keyOf, type Ref } from '../../objects/kube-object.ts'
import { readers } from '../../providers/readers.ts'
import type { Note } from '../../routing/note.ts'
import type { RoutingReader, ServiceReading } from '../../routing/provider.ts'
import type { RoutedService } from '../../routing/service.ts'
import type { StreamNote } from '../../routing/notes/provider-note.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import type { Target } from '../intent.ts'

/** A service as one routing API has it. */
export interface RoutedBy {
  readonly provider: Pick<RoutingReader, 'name' | 'isLast'>
  readonly service: RoutedService
}

/** The routing objects of other routing APIs than one that lead to a service, too. */
export const foreignRoutes = (view: ClusterView, { provider, service }: RoutedBy): readonly Ref[] =>
  readers
    .filter(({ name, isLast }) => name !== provider.name && isLast !== true)
    .flatMap(reader => entryPointsOf(view, reader, service))

/** The routing objects of one routing API that lead to a service. */
export function entryPointsOf(
  view: ClusterView,
  reader: RoutingReader,
  { name, namespace, clusterDomain, host }: RoutedService,
): readonly Ref[] {
  const service = { name, namespace, clusterDomain, ...(host !== undefined && { host }) }
  return reader.isRouted(view, service)
    ? reader.read(view, service, { complete: false }).traffic.entryPoints.map(({ ref }) => ref)
    : []
}

/** What is said of objects of other routing APIs that route a service, too. */
export function foreignNotes(view: ClusterView, routed: RoutedBy): readonly Note[] {
  const routes = foreignRoutes(view, routed)
  const streams = streamsTo(view, routed.service)
  if (routes.length === 0) return streams
  const { service, provider } = routed
  const isLast = provider.isLast === true
  const isApart = !inMesh.has(provider.name) || routes.some(({ kind }) => !meshKinds.has(kind))
  return [
    {
      kind: 'foreign-routes',
      service: service.name,
      routes,
      ...(isLast ? { isLast } : isApart && { isApart }),
    },
    ...streams,
  ]
}

/** The rules that send connections to a service, whatever its routes say. */
export const streamsTo = (view: ClusterView, service: RoutedService): readonly StreamNote[] =>
  readers.flatMap(reader => reader.streams?.(view, service) ?? [])

/** The kinds of routes that say what callers in the mesh get, so that two APIs contradict each other, with their APIs. */
const meshKinds: ReadonlyMap<string, string> = new Map([
  ['VirtualService', 'istio'],
  ['HTTPRoute', 'gateway-api'],
  ['GRPCRoute', 'gateway-api'],
])
const inMesh: ReadonlySet<string> = new Set(meshKinds.values())

/** The one routing API of the mesh that routes of these kinds belong to; undefined where there is none, or several. */
export function meshApiOf(kinds: readonly string[]): string | undefined {
  const [api, ...others] = new Set(kinds.map(kind => meshKinds.get(kind)))
  return others.length === 0 ? api : undefined
}

/** The error where several routing APIs route a service and nobody chose one. */
export class SeveralApis extends CanaryError {
  readonly service: Pick<RoutedService, 'name' | 'namespace'>

  constructor(service: SeveralApis['service'], message: string, hints: readonly string[]) {
    super('ambiguous', message, { hints })
    this.service = service
  }
}

/** A reading whose traffic and notes name the objects of other routing APIs that route the service, too. */
export function withForeignRoutes(
  reading: ServiceReading,
  provider: Pick<RoutingReader, 'name' | 'isLast'>,
): ServiceReading {
  const notes = foreignNotes(reading.view, { provider, service: reading.service })
  if (notes.length === 0) return reading
  const routes = foreignRoutes(reading.view, { provider, service: reading.service })
  // The other parts stay derived when they are first asked for.
  return Object.create(reading, {
    traffic: {
      get: () => ({
        ...reading.traffic,
        ...(routes.length > 0 && { foreign: routes }),
        notes: [...notes, ...reading.traffic.notes],
      }),
    },
    recordNotes: { get: () => [...notes, ...reading.recordNotes] },
  }) as ServiceReading
}

/** The error where another routing API than the one that is meant routes a service. */
export class RoutedElsewhere extends CanaryError {}

/** A service and the routing API by which it was found. */
interface FoundBy {
  readonly provider: RoutingReader
  readonly service: RoutedService
  /** Routes are to be changed that are there. */
  readonly isEdit: boolean
}

/** Throws {@link RoutedElsewhere} where another routing API than the one that a person chose routes a service. */
function requireNoOther(view: ClusterView, target: Target, routed: RoutedBy): void {
  const routes = foreignRoutes(view, routed)
  if (routes.length === 0) return
  const { provider, service } = routed
  const command = target.command.replace(/ --provider[ =]\S+/, '')
  throw new RoutedElsewhere(
    'not-found',
    `no object of ${provider.name} routes ${service.name}: ${routes.map(keyOf).join(', ')} ${routes.length === 1 ? 'does' : 'do'}`,
    { hints: [`Leave out --provider: kubectl canary ${command}`] },
  )
}

/**
 * Throws {@link SeveralApis} where several routing APIs of the mesh route a service: it lists their objects, and says which
 * one Istio follows. Of others the first counts. Of routing APIs that a person chose there is one only.
 */
export function requireOneApi(
  { view, providers }: { readonly view: ClusterView; readonly providers: readonly RoutingReader[] },
  target: Target,
  { provider, service, isEdit }: FoundBy,
): void {
  if (provider.isLast === true || !provider.isRouted(view, service)) {
    if (isEdit) requireNoOther(view, target, { provider, service })
    return
  }
  const routing = providers
    .filter(({ name }) => inMesh.has(name))
    .map(each => ({ name: each.name, routes: entryPointsOf(view, each, service) }))
    .filter(({ routes }) => routes.length > 0)
  if (routing.length < 2) return
  const routes = routing.flatMap(each => each.routes)
  throw new SeveralApis(
    service,
    `${service.name} is routed by several APIs: ${routes.map(keyOf).join(', ')}`,
    [
      whoWins(view, routes),
      'Choose which of them to change:',
      ...routing.map(({ name }) => `  kubectl canary ${target.command} --provider ${name}`),
    ],
  )
}

/**
 * Istio turns HTTPRoutes into VirtualServices of the same age (pilot/pkg/config/kube/gateway/conversion.go), and of
 * those for one host in the mesh follows the oldest. Gateways of the two APIs are never the same.
 */
export function whoWins(view: ClusterView, routes: readonly Ref[]): string {
  const aged = routes
    .map(ref => ({ ref, created: view.get(ref)?.metadata.creationTimestamp ?? '' }))
    .toSorted((a, b) => (a.created < b.created ? -1 : 1))
  const rule = 'For callers in the mesh Istio follows the oldest of them and ignores the others'
  const isKnown = aged.every(({ created }) => created !== '')
  return isKnown && aged[0] !== undefined ? `${rule}: ${keyOf(aged[0].ref)}.` : `${rule}.`
}
