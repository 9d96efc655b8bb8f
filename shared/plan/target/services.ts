import { CanaryError } from '../../objects/canary-error.ts'
import { expandHost } from '../../objects/hosts.ts'
import { namespaceOf } from '../../objects/kube-object.ts'
import type { RoutedService } from '../../providers/istio/read/routed-service.ts'
import { nameOf, routesFor, routesTo } from '../../providers/istio/read/routes/carriers.ts'
import { ownerOf } from '../../providers/istio/read/owners.ts'
import { cohortsIn } from '../../providers/istio/read/record/record.ts'
import { findVersion, versionsOf } from '../../providers/istio/read/versions.ts'
import type { Completeness } from '../../providers/istio/resolve/outcome.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import {
  destinationRulesByHost,
  destinationsOf,
  virtualServicesByDestination,
} from '../../providers/istio/resolve/indexes/routing.ts'
import { serviceEntriesByHost } from '../../providers/istio/resolve/indexes/providers.ts'
import { hostsOfEntry } from '../../providers/istio/resolve/objects/providers.ts'
import type { Target } from '../intent.ts'
import { serviceAt } from './routes.ts'
import { suggest } from './suggest.ts'

/** On a live cluster what is not in view does not exist; files are rarely the whole world. */
export const completenessOf = ({ live }: Pick<Target, 'live'>): Completeness => ({ complete: live === true })

/** What a request asks of a Service, for one to be inferred. */
export interface Wanted {
  /** It has this version. */
  readonly version?: string
  /** It has a cohort of this name. */
  readonly cohort?: string
  /** Something routes to it already. */
  readonly routed: boolean
}

/**
 * The Service that a request is about: the one named, else the one in the namespace for which the request
 * makes sense. Throws a CanaryError that lists the candidates.
 */
export function findService(view: ClusterView, target: Target, wanted: Wanted): RoutedService {
  return target.service === undefined
    ? inferService(view, target, wanted)
    : namedService(view, target, target.service)
}

/** `catalog`, `catalog.shop`, `svc/catalog` or the whole host. */
function parseService(
  text: string,
  { namespace, view }: { readonly namespace: string; readonly view: ClusterView },
): RoutedService {
  const { clusterDomain } = view.mesh
  const bare = bareHost(text)
  const [name = '', inNamespace = namespace] = bare
    .replace(new RegExp(`\\.svc(\\.${clusterDomain.replaceAll('.', '\\.')})?$`), '')
    .split('.')
  return { name, namespace: inNamespace, clusterDomain }
}

const bareHost = (text: string): string => text.replace(/^(svc|services?)\//, '').replace(/\.$/, '')

function namedService(view: ClusterView, target: Target, text: string): RoutedService {
  const { namespace } = target
  const service = parseService(text, { namespace, view })
  const labels = bareHost(text).split('.')
  const isName = labels.length <= 2 || labels[2] === 'svc'
  if (isName && exists(view, service, completenessOf(target))) return service
  const external = hostOutside(view, bareHost(text), namespace)
  if (external !== undefined) return external
  if (!isName)
    throw new CanaryError(
      'not-found',
      `no ServiceEntry, DestinationRule or VirtualService speaks of the host ${bareHost(text)}`,
      {
        hints: [
          `A Service is NAME or NAME.NAMESPACE.${suggest(bareHost(text), view.list('ServiceEntry').flatMap(hostsOfEntry))}`,
        ],
      },
    )
  const there = servicesIn(view, service.namespace).map(({ name }) => name)
  const elsewhere = view
    .list('Service')
    .filter(({ metadata }) => metadata.name === service.name)
    .map(namespaceOf)
  const hints = [
    ...elsewhere.map(other => `There is one in namespace ${other}: add -n ${other}.`),
    there.length === 0
      ? `Namespace ${service.namespace} has no Services here.`
      : `There are ${there.slice(0, 10).join(', ')}.${suggest(service.name, there)}`,
  ]
  throw new CanaryError('not-found', `no Service ${service.name} in namespace ${service.namespace}`, {
    hints,
  })
}

/**
 * A host that a ServiceEntry provides, or that routing objects speak of where the ServiceEntry is not in
 * view.
 */
function hostOutside(view: ClusterView, host: string, namespace: string): RoutedService | undefined {
  if (!host.includes('.') || serviceAt(view, host) !== undefined) return undefined
  const about =
    [
      view.find(serviceEntriesByHost, host),
      view.find(destinationRulesByHost, host),
      view.find(virtualServicesByDestination, host),
    ].find(objects => objects.length > 0) ?? []
  const [one] = about.toSorted(
    (a, b) => Number(namespaceOf(b) === namespace) - Number(namespaceOf(a) === namespace),
  )
  return one === undefined ? undefined : outside(view, host, namespaceOf(one))
}

const outside = (
  { mesh: { clusterDomain } }: ClusterView,
  host: string,
  namespace: string,
): RoutedService => ({ name: host, host, namespace, clusterDomain })

const exists = (view: ClusterView, service: RoutedService, completeness: Completeness): boolean =>
  view.get({ kind: 'Service', namespace: service.namespace, name: service.name }) !== undefined
  || routesTo(view, service).length > 0
  || versionsOf(view, service, completeness).length > 0

/**
 * The Services of a namespace: those that are there, and, where files leave them out, those that the routing
 * objects in view speak of; and the hosts of its ServiceEntries.
 */
export function servicesIn(view: ClusterView, namespace: string): readonly RoutedService[] {
  const { clusterDomain } = view.mesh
  const stated = view
    .list('Service', namespace)
    .filter(({ spec }) => spec?.type !== 'ExternalName')
    .map(({ metadata }) => metadata.name)
  const rules = view
    .list('DestinationRule')
    .map(rule => expandHost(rule.spec?.host ?? '', namespaceOf(rule), clusterDomain))
  const routes = view
    .list('VirtualService')
    .flatMap(route =>
      destinationsOf(route).map(({ host }) => expandHost(host, namespaceOf(route), clusterDomain)),
    )
  const spoken = [...rules, ...routes]
    .flatMap(host => serviceAt(view, host) ?? [])
    .filter(service => service.namespace === namespace)
    .map(({ name }) => name)
  const hosts = view
    .list('ServiceEntry', namespace)
    .flatMap(hostsOfEntry)
    .filter(host => !host.startsWith('*') && serviceAt(view, host) === undefined)
  return [
    ...[...new Set([...stated, ...spoken])].toSorted().map(name => ({ name, namespace, clusterDomain })),
    ...[...new Set(hosts)].toSorted().map(host => outside(view, host, namespace)),
  ]
}

function inferService(view: ClusterView, target: Target, wanted: Wanted): RoutedService {
  const services = servicesIn(view, target.namespace)
  const asked = { ...wanted, ...completenessOf(target) }
  const candidates = fitting(view, services, asked)
  // Where one Service alone could have been meant, what it lacks is the better answer than that none fits.
  const meant =
    candidates.length > 0 || wanted.version === undefined
      ? candidates
      : fitting(view, services, { routed: wanted.routed, ...completenessOf(target) })
  if (meant.length === 1) return meant[0]!
  if (candidates.length === 0) throw nothingFits(view, target, { wanted, services })
  throw new CanaryError(
    'ambiguous',
    `${candidates.length} Services in namespace ${target.namespace} fit: ${candidates.map(({ name }) => name).join(', ')}`,
    {
      hints: [
        'Say which one is meant:',
        ...candidates.map(({ name }) => `  kubectl canary ${target.command} --service ${name}`),
      ],
    },
  )
}

/** Those that fit; where a route is asked for and some have one, only these. */
function fitting(
  view: ClusterView,
  services: readonly RoutedService[],
  wanted: Wanted & Completeness,
): readonly RoutedService[] {
  const all = services.filter(service => fits(view, service, wanted))
  const routed = all.filter(
    service => routesTo(view, service).length > 0 || routesFor(view, service).length > 0,
  )
  return wanted.routed && routed.length > 0 ? routed : all
}

function fits(
  view: ClusterView,
  service: RoutedService,
  { version, cohort, routed, complete }: Wanted & Completeness,
): boolean {
  if (cohort !== undefined)
    return routesTo(view, service).some(route =>
      cohortsIn(route, service).some(({ name }) => name === cohort),
    )
  const versions = versionsOf(view, service, { complete })
  const hasVersion = version === undefined || findVersion(versions, version).length > 0
  return hasVersion && (versions.length > 1 || (!routed && versions.length > 0))
}

function nothingFits(
  view: ClusterView,
  target: Target,
  { wanted, services }: { readonly wanted: Wanted; readonly services: readonly RoutedService[] },
): CanaryError {
  const { namespace } = target
  const versions = services
    .map(service => ({
      service,
      names: versionsOf(view, service, completenessOf(target)).map(({ name }) => name),
    }))
    .filter(({ names }) => names.length > 0)
  const known = versions.slice(0, 10).map(({ service, names }) => `${service.name} has ${names.join(', ')}`)
  const what =
    wanted.version === undefined
      ? 'no Service with more than one version'
      : `no Service that has a version ${wanted.version} beside another one`
  const close =
    wanted.version === undefined
      ? ''
      : suggest(
          wanted.version,
          versions.flatMap(({ names }) => names),
        )
  const hint =
    services.length === 0
      ? `There are no Services in namespace ${namespace}: is it the right one? (-n NAMESPACE)`
      : 'A version is a DestinationRule subset or a version label on the pods behind a Service; name the Service with --service.'
  const owned = [
    ...new Set(services.flatMap(service => [...routesTo(view, service), ...routesFor(view, service)])),
  ].flatMap(route =>
    ownerOf(view, route) === undefined
      ? []
      : [
          `VirtualService ${nameOf(route)} belongs to ${ownerOf(view, route)}, which shifts its traffic by itself.`,
        ],
  )
  return new CanaryError('not-found', `${what} in namespace ${namespace}`, {
    hints: [...(known.length === 0 ? [] : [`${known.join('; ')}.${close}`]), ...owned, hint],
  })
}
