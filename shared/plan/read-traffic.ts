import { expandHost } from '../objects/hosts.ts'
import { namespaceOf } from '../objects/kube-object.ts'
import { refOf } from '../objects/kinds.ts'
import type { Destination, HttpMatch, StringMatch, VirtualService } from '../objects/virtual-service.ts'
import { formatCondition } from '../routing/condition.ts'
import { cohortsOf } from '../providers/istio/edit/canary.ts'
import { ourRoutes } from '../providers/istio/edit/cohort.ts'
import { mirrorsOf } from '../providers/istio/edit/mirrors.ts'
import {
  destinationsTo,
  hostOf,
  leadsTo,
  listOf,
  type RoutedService,
} from '../providers/istio/read/routed-service.ts'
import { stableOf } from '../providers/istio/edit/stable.ts'
import { sharesOf } from '../routing/shares.ts'
import { anyOf, type EntryPoint, type Share, type Traffic } from '../routing/traffic.ts'
import type { ClusterView } from '../view/cluster-view.ts'
import type { Target } from './intent.ts'
import { entriesOf, ownerOf, routesFor, routesTo } from './target/routes.ts'
import { isReadinessKnown } from './target/ready.ts'
import { findService, servicesIn } from './target/services.ts'
import { readyOf, versionsOf, wantedOf, type ServiceVersion } from './target/versions.ts'
import { coverageOf } from './tell/coverage.ts'

/** The services that a status or a list of cohorts is about: the one that the target names, else every routed service of the namespace (`'*'`: of all). */
export function readTraffic(
  view: ClusterView,
  target: Target | { readonly service?: undefined; readonly namespace: '*' },
): readonly Traffic[] {
  if (target.service !== undefined) return [trafficOf(view, findService(view, target, { routed: false }))]
  const namespaces = target.namespace === '*' ? namespacesOf(view) : [target.namespace]
  const services = namespaces.flatMap(namespace => servicesIn(view, namespace))
  const traffic = services
    .map(service => ({ service, entries: entryRoutes(view, service) }))
    .filter(({ entries }) => entries.length > 0)
  const shownForHost = new Set(
    traffic.flatMap(({ service, entries }) =>
      entries.filter(route => isForHostOnly(route, service)).map(route => route),
    ),
  )
  return traffic
    .filter(({ service, entries }) =>
      entries.some(route => !shownForHost.has(route) || isForHostOnly(route, service)),
    )
    .map(({ service }) => trafficOf(view, service))
}

const namespacesOf = (view: ClusterView): readonly string[] =>
  [
    ...new Set(
      [
        ...view.list('Service'),
        ...view.list('ServiceEntry'),
        ...view.list('VirtualService'),
        ...view.list('DestinationRule'),
      ].map(namespaceOf),
    ),
  ].toSorted()

/** The VirtualServices that take the Service's requests: those that lead to it, and those for its host that lead to others (a controller's primary and canary). */
function entryRoutes(view: ClusterView, service: RoutedService): readonly VirtualService[] {
  const routes = routesTo(view, service)
  return [...routes, ...routesFor(view, service).filter(route => !routes.includes(route))]
}

const isForHostOnly = (route: VirtualService, service: RoutedService): boolean =>
  listOf(route.spec.hosts).some(
    host => expandHost(host, namespaceOf(route), service.clusterDomain) === hostOf(service),
  ) && !listOf(route.spec.http).some(http => destinationsTo(http, leadsTo(route, service)).length > 0)

/** Who gets what of one service. */
export function trafficOf(view: ClusterView, service: RoutedService): Traffic {
  const versions = versionsOf(view, service)
  const routes = entryRoutes(view, service)
  const stable = routes.map(route => stableOf(route, service)).find(written => written !== undefined)
  const notes =
    routes.length === 0
      ? [
          `No VirtualService routes to ${service.name}: kubectl canary init --service ${service.name} --stable VERSION -n ${service.namespace}`,
        ]
      : coverageOf(view, service)
  return {
    service: service.name,
    namespace: service.namespace,
    ...(stable === undefined ? {} : { stable }),
    versions: versions.map(version => ({
      name: version.name,
      ...(version.subset === undefined ? {} : { subset: version.subset.name }),
      ...(isReadinessKnown(view, service, version) && { ready: readyOf(version), wanted: wantedOf(version) }),
    })),
    entryPoints: routes.map(route => entryPointOf(view, route, { service, versions })),
    notes,
  }
}

interface Known {
  readonly service: RoutedService
  readonly versions: readonly ServiceVersion[]
}

function entryPointOf(view: ClusterView, route: VirtualService, known: Known): EntryPoint {
  const { service } = known
  const leads = leadsTo(route, service)
  const isForeign = isForHostOnly(route, service)
  const ours = ourRoutes(route)
  const routed = [
    ...listOf(route.spec.http).filter(({ name }) => name === undefined || !ours.has(name)),
    ...listOf(route.spec.tcp),
    ...listOf(route.spec.tls),
  ]
    .map(base => ({ base, destinations: isForeign ? listOf(base.route) : destinationsTo(base, leads) }))
    .filter(({ destinations }) => destinations.length > 0)
  const owner = ownerOf(view, route)
  const entries = entriesOf(view, route)
  return {
    ref: refOf(route),
    hosts: unique(entries.flatMap(({ spec }) => listOf(spec.hosts))),
    gateways: unique(entries.flatMap(root => gatewaysOf(root, route))),
    cohorts: cohortsOf(route, service).map(({ name, to, when, since, until, reason }) => ({
      name,
      to,
      conditions: when,
      ...(since && { since }),
      ...(until && { until }),
      ...(reason && { reason }),
    })),
    splits: routed.map(({ base }) => ({
      takes: takes(base),
      shares: summed(
        sharesOf(listOf(base.route))
          .filter(({ destination }) => isForeign || leads(destination))
          .map(({ destination, percent }) => ({ version: labelOf(destination, known, leads), percent })),
      ),
    })),
    mirrors: mirrorsOf(route, service).map(({ subset, percent }) => ({
      version: versionNamed(subset, known),
      percent,
    })),
    ...(owner === undefined ? {} : { owner }),
  }
}

/** The gateways of a VirtualService as one would write them beside a route. */
function gatewaysOf(root: VirtualService, route: VirtualService): readonly string[] {
  const names = listOf(root.spec.gateways)
  const isElsewhere = namespaceOf(root) !== namespaceOf(route)
  return names.length === 0
    ? ['mesh']
    : names.map(name =>
        isElsewhere && name !== 'mesh' && !name.includes('/') ? `${namespaceOf(root)}/${name}` : name,
      )
}

const unique = (names: readonly string[]): readonly string[] => [...new Set(names)]

const labelOf = (
  destination: Destination,
  known: Known,
  leads: (destination?: Destination) => boolean,
): string =>
  leads(destination)
    ? versionNamed(destination.subset, known)
    : [destination.host.split('.')[0], destination.subset].filter(Boolean).join(' ')

function versionNamed(subset: string | undefined, { versions }: Known): string {
  if (subset !== undefined) return versions.find(version => version.subset?.name === subset)?.name ?? subset
  return versions.length > 1 ? anyOf(versions) : (versions[0]?.name ?? 'any version')
}

function summed(shares: readonly Share[]): readonly Share[] {
  return [...Map.groupBy(shares, ({ version }) => version)].map(([version, those]) => ({
    version,
    percent: those.reduce((sum, { percent }) => sum + percent, 0),
  }))
}

/** What a route takes, in few words: `/items*`, `POST /pay`, `from app=webapp`; nothing for a route that takes everything. */
export function takes({ match }: { readonly match?: readonly HttpMatch[] }): string {
  return listOf(match)
    .map(block =>
      [
        textOf(block.method),
        textOf(block.uri),
        ...Object.entries(block.headers ?? {}).map(([name, value]) =>
          formatCondition({ on: 'header', name, match: value }),
        ),
        ...Object.keys(block.withoutHeaders ?? {}).map(name => `without ${name}`),
        ...Object.entries(block.queryParams ?? {}).map(([name, value]) =>
          formatCondition({ on: 'query', name, match: value }),
        ),
        ...Object.entries(block.sourceLabels ?? {}).map(([name, value]) => `from ${name}=${value}`),
        block.sourceNamespace === undefined ? '' : `from namespace ${block.sourceNamespace}`,
        block.port === undefined ? '' : `port ${block.port}`,
        textOf(block.authority),
      ]
        .filter(text => text !== '')
        .join(' '),
    )
    .filter(text => text !== '')
    .join(' or ')
}

function textOf(match: StringMatch | undefined): string {
  if (match === undefined) return ''
  return match.exact ?? (match.prefix !== undefined ? `${match.prefix}*` : `~ ${match.regex ?? ''}`)
}
