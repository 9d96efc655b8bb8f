import type { ApisixRoute } from '../../../objects/apisix/apisix-route.ts'
import { serviceHost, serviceOfHost } from '../../../objects/hosts.ts'
import { namespaceOf } from '../../../objects/kube-object.ts'
import { textOf } from '../../../objects/unchecked.ts'
import { readRecord } from '../../../routing/record/record.ts'
import type { Completeness, RoutedService } from '../../../routing/service.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { once } from '../../../view/session.ts'
import { applicationAt, applicationMeantBy, type Grouping } from '../../../workloads/applications.ts'
import { servedHostsOf } from '../../../workloads/service-versions.ts'
import { areVersions, groupOfOne, type VersionGroup } from '../../../workloads/version-groups.ts'
import { covers } from '../../../workloads/version-services.ts'
import { allRoutes, routesToBackend } from '../resolve/indexes.ts'
import { backendsOf, classOf, ruleKeys, rulesOf } from '../resolve/rules.ts'

/** The routes that lead to the Service of a host. */
export function routesAbout(view: ClusterView, host: string): readonly ApisixRoute[] {
  const named = serviceOfHost(host, view.mesh.clusterDomain)
  return named === undefined ? [] : routesToBackend(view, `${named.namespace}/${named.name}`)
}

/** Which Services are versions of one service by the rules that lead to them. */
const byRules: Grouping = {
  groupsAt: (view, host) =>
    routesAbout(view, host).flatMap(object => groupsIn(view, object).map(group => ({ ...group, object }))),
  hostsIn: (view, namespace) => hostsNamed(view, namespace),
  hostsNamed: (view, { namespace, name }) => {
    const route = view.get({ kind: 'ApisixRoute', namespace, name })
    return route === undefined ? [] : groupsIn(view, route).flatMap(({ hosts }) => hosts)
  },
}

const groupsIn = (view: ClusterView, route: ApisixRoute): readonly VersionGroup[] =>
  once(view, [groupsIn, route], () => {
    const named = namedByRecord(view, route)
    return rulesOf(route).flatMap((_, i): readonly VersionGroup[] => {
      const hosts = [...new Set(hostsOfRule(view, route, i))]
      const apex = named.get(i)
      if (apex !== undefined) return [{ hosts, apex }]
      if (hosts.length > 1 && areVersions(view, hosts))
        return [
          { hosts, apex: hosts.find(host => hosts.every(each => each === host || covers(view, host, each))) },
        ]
      return hosts.flatMap(host => groupOfOne(view, host, undefined))
    })
  })

/** The hosts of the Services that a rule of a route leads to. */
const hostsOfRule = (view: ClusterView, route: ApisixRoute, index: number): readonly string[] =>
  backendsOf(rulesOf(route)[index] ?? {}).flatMap(({ serviceName }) =>
    textOf(serviceName) === undefined
      ? []
      : [serviceHost(serviceName!, namespaceOf(route), view.mesh.clusterDomain)],
  )

/** The services of cohorts by the rules that are theirs. */
function namedByRecord(view: ClusterView, route: ApisixRoute): ReadonlyMap<number, string> {
  const keys = ruleKeys(route)
  const found = (readRecord(route)?.cohorts ?? []).flatMap(({ service, routes }) => {
    const [name = '', namespace = ''] = service.split('.')
    return routes.map(
      key => [keys.indexOf(key), serviceHost(name, namespace, view.mesh.clusterDomain)] as const,
    )
  })
  return new Map(found)
}

/** The service that a person means by a name: see {@link applicationMeantBy}. */
export const serviceMeantBy = (view: ClusterView, said: RoutedService): RoutedService =>
  applicationMeantBy(view, said, byRules)

/** The services of a namespace: its Services, and those that routes name; Services that are versions of one are one. */
export function servicesIn(view: ClusterView, namespace: string): readonly RoutedService[] {
  const stated = view
    .list('Service', namespace)
    .filter(({ spec }) => spec?.type !== 'ExternalName')
    .map(({ metadata }) => metadata.name)
  const named = hostsNamed(view, namespace).map(host => host.split('.')[0]!)
  const found = [...new Set([...stated, ...named])]
    .toSorted()
    .map(name => serviceMeantBy(view, { name, namespace, clusterDomain: view.mesh.clusterDomain }))
  return [...new Map(found.map(service => [service.name, service])).values()]
}

const hostsNamed = (view: ClusterView, namespace?: string): readonly string[] =>
  allRoutes(view, namespace).flatMap(route => rulesOf(route).flatMap((_, i) => hostsOfRule(view, route, i)))

/** The services that routes lead to, in one namespace, or with `*` in all. */
export function routedServices(
  view: ClusterView,
  namespace: string,
  _completeness: Completeness,
): readonly RoutedService[] {
  const { clusterDomain } = view.mesh
  const found = [...new Set(hostsNamed(view, namespace === '*' ? undefined : namespace))]
    .toSorted()
    .flatMap(host => {
      const named = serviceOfHost(host, clusterDomain)
      return named === undefined ? [] : (applicationAt(view, host, byRules) ?? { ...named, clusterDomain })
    })
  return [...new Map(found.map(service => [`${service.namespace}/${service.name}`, service])).values()]
}

/** Whether a route leads to the service. */
export function isRouted(view: ClusterView, said: RoutedService): boolean {
  const service = serviceMeantBy(view, said)
  return service.host === undefined && servedHostsOf(service).some(host => routesAbout(view, host).length > 0)
}

/** The ingress classes that routes name: what `--gateway` says of a first route. */
export const classesIn = (view: ClusterView): readonly string[] =>
  [...new Set(allRoutes(view).map(classOf))].filter(name => name !== '').toSorted()
