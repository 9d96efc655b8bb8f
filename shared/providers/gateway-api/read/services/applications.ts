import { serviceHost, serviceOfHost } from '../../../../objects/hosts.ts'
import { namespaceOf } from '../../../../objects/kube-object.ts'
import { compareNaturally } from '../../../../objects/text/natural-order.ts'
import { fieldsOf, itemsOf, numberOf, textOf } from '../../../../objects/unchecked.ts'
import type { ServiceRoute } from '../../../../objects/gateway-api.ts'
import { idOf, type RoutedService, type ServedHost } from '../../../../routing/service.ts'
import { readRecord } from '../../../../routing/record/record.ts'
import type { ClusterView } from '../../../../view/cluster-view.ts'
import { once } from '../../../../view/session.ts'
import { baseOf, covers, serviceOf } from '../../../../workloads/version-services.ts'
import { groupsIn, isNamedFor, versionServicesNamed } from './groups.ts'
import { hostOf, keyOfHost, routesAbout } from './service-hosts.ts'

/**
 * The service that a person means by a name: the one of which the Service of that name is a version, or whose
 * versions are named for it; else the Service as it is. Of one that is known already, with the versions that it has
 * in this view.
 */
export function serviceMeantBy(view: ClusterView, said: RoutedService): RoutedService {
  if (said.host !== undefined) return said
  if (said.hosts !== undefined) {
    const linked = said.hosts.flatMap(({ host }) => serviceAt(view, host)?.hosts ?? [])
    const known = new Set(said.hosts.map(({ host }) => host))
    const more = [...new Map(linked.map(each => [each.host, each])).values()].filter(
      ({ host }) => !known.has(host),
    )
    return more.length === 0 ? said : { ...said, hosts: [...said.hosts, ...more] }
  }
  const own = hostOf(said)
  const found = serviceAt(view, own)
  if (found !== undefined || serviceOf(view, own) !== undefined) return found ?? said
  const [first] = [...versionServicesNamed(view, own), ...hostsOfRoute(view, said)]
  return (first === undefined ? undefined : serviceAt(view, first)) ?? said
}

/** The hosts to which a route of this name leads. */
const hostsOfRoute = (view: ClusterView, { namespace, name }: RoutedService): readonly string[] =>
  (['HTTPRoute', 'GRPCRoute'] as const)
    .flatMap((kind): readonly ServiceRoute[] => {
      const route = view.get({ kind, namespace, name })
      return route === undefined ? [] : [route]
    })
    .flatMap(route => groupsIn(view, route).flatMap(({ hosts }) => hosts))

/** The Services that are versions of one service, and the Services that their routes are for. */
interface LinkedHosts {
  readonly hosts: readonly string[]
  readonly apexes: readonly string[]
  readonly routes: readonly ServiceRoute[]
}

/** The service of which the Service of a host is a version, or the umbrella; undefined where it is of none. */
export const serviceAt = (view: ClusterView, host: string): RoutedService | undefined =>
  once(view, [serviceAt, host], () => {
    const linked = linkedTo(view, host)
    if (linked.hosts.length === 0) return undefined
    const own = canonicalHost(view, linked)
    const all = [...linked.hosts, ...(serviceOf(view, own) === undefined ? [] : [own])]
    return {
      ...serviceOfHost(own, view.mesh.clusterDomain)!,
      clusterDomain: view.mesh.clusterDomain,
      hosts: [...new Set(all)].toSorted(compareNaturally).map(each => servedHost(view, each)),
    }
  })

function linkedTo(view: ClusterView, host: string): LinkedHosts {
  const [hosts, apexes, routes] = [new Set<string>(), new Set<string>(), new Set<ServiceRoute>()]
  for (const { hosts: named, apex } of groupsByName(view, host)) {
    for (const each of named) hosts.add(each)
    apexes.add(apex)
  }
  const [waiting, seen] = [[host, ...hosts, ...apexes], new Set<string>()]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (seen.has(next)) continue
    seen.add(next)
    for (const route of routesAbout(view, next))
      for (const { hosts: grouped, apex } of groupsIn(view, route)) {
        if (apex !== next && !grouped.includes(next)) continue
        routes.add(route)
        if (apex !== undefined) apexes.add(apex)
        for (const each of grouped) hosts.add(each)
        waiting.push(...grouped, ...(apex === undefined ? [] : [apex]))
      }
  }
  return { hosts: [...hosts], apexes: [...apexes], routes: [...routes] }
}

/** The Services that are versions of one Service by their names and labels, as long as no route shows them. */
function groupsByName(
  view: ClusterView,
  host: string,
): readonly { readonly hosts: readonly string[]; readonly apex: string }[] {
  const { name, namespace } = keyOfHost(view, host) ?? { name: '', namespace: '' }
  const base = baseOf(view, host)
  const apex =
    base === undefined || base === name ? host : serviceHost(base, namespace, view.mesh.clusterDomain)
  const hosts = versionServicesNamed(view, apex).filter(each => covers(view, apex, each))
  return hosts.length === 0 ? [] : [{ hosts, apex }]
}

/**
 * The host by which a service is known: the one that is written down, else the one that its routes in the mesh are
 * for, else the one that its versions are named for, else the first of them.
 */
function canonicalHost(view: ClusterView, { hosts, apexes, routes }: LinkedHosts): string {
  const inOrder = (all: readonly string[]): readonly string[] => all.toSorted(compareNaturally)
  const base = commonBase(view, hosts)
  const choices = [
    ...inOrder(apexes),
    ...inOrder(hosts.filter(host => hosts.every(other => isNamedFor(host, other)))),
    ...(base === undefined || !mayName(view, base, hosts) ? [] : [base]),
    ...inOrder(hosts),
  ]
  const written = new Set(
    routes.flatMap(route => (readRecord(route)?.cohorts ?? []).map(({ service }) => service)),
  )
  const isWritten = (host: string): boolean =>
    written.has(idOf({ ...serviceOfHost(host, view.mesh.clusterDomain)!, clusterDomain: '' }))
  return choices.find(isWritten) ?? choices[0]!
}

/** A Service of another application keeps its name. */
const mayName = (view: ClusterView, base: string, hosts: readonly string[]): boolean =>
  serviceOf(view, base) === undefined || hosts.every(host => host === base || covers(view, base, host))

/** The host of the name that all versions have before their versions: `catalog` of `catalog-v1` and `catalog-v2`. */
function commonBase(view: ClusterView, hosts: readonly string[]): string | undefined {
  const namespaces = new Set(hosts.map(host => keyOfHost(view, host)?.namespace))
  const [namespace] = namespaces
  if (namespaces.size !== 1 || namespace === undefined) return undefined
  const bases = new Set(hosts.map(host => baseOf(view, host)))
  const [only] = bases
  const name =
    bases.size === 1 && only !== undefined ? only : commonStem(hosts.map(host => host.split('.')[0]!))
  return name === undefined ? undefined : serviceHost(name, namespace, view.mesh.clusterDomain)
}

/** What several names have in common before a dash. */
function commonStem(names: readonly string[]): string | undefined {
  const parts = names.map(name => name.split('-'))
  const [first = []] = parts
  const end = first.findIndex((part, i) => !parts.every(each => each.length > i && each[i] === part))
  const stem = first.slice(0, end < 0 ? first.length : end).join('-')
  return stem === '' ? undefined : stem
}

/** A host, and the ports of its Service. */
const servedHost = (view: ClusterView, host: string): ServedHost => ({
  host,
  ports: itemsOf(fieldsOf(serviceOf(view, host)?.spec)['ports']).flatMap(item => {
    const number = numberOf(fieldsOf(item)['port'])
    return number === undefined ? [] : [{ number, name: textOf(fieldsOf(item)['name']) }]
  }),
})

/** `namespace/name`. */
export const nameOf = (route: ServiceRoute): string => `${namespaceOf(route)}/${route.metadata.name}`
