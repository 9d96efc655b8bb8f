import { expandHost } from '../../objects/hosts.ts'
import { namespaceOf } from '../../objects/kube-object.ts'
import type { VirtualService, WeightedDestination } from '../../objects/virtual-service.ts'
import { cohortsOf } from '../../providers/istio/edit/canary.ts'
import {
  destinationsTo,
  hostOf,
  leadsTo,
  listOf,
  type RoutedService,
} from '../../providers/istio/read/routed-service.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import { coveringHosts } from '../../providers/istio/resolve/indexes/routing.ts'
import { entriesOf, isForMesh, nameOf, routesTo } from '../target/routes.ts'

/** What part of the Service's traffic no edited route takes: each a sentence. */
export function coverageOf(view: ClusterView, service: RoutedService): readonly string[] {
  const routes = routesTo(view, service)
  if (routes.length === 0) return []
  const entries = routes.map(route => entriesOf(view, route))
  // A delegate whose root is not in view: nobody knows what it covers.
  const inMesh = entries.some(
    roots => roots.length === 0 || roots.some(root => isForMesh(root) && coversHost(view, root, service)),
  )
  const mesh = inMesh
    ? []
    : [
        `Callers inside the mesh are not covered: no VirtualService for host ${service.name} applies to gateway mesh.`,
      ]
  return [
    ...mesh,
    ...routes.flatMap(route => beyondHttp(route, service)),
    ...routes.flatMap(route => nobodyLists(view, route, service)),
  ]
}

/** Connections carry no headers: where a VirtualService routes them, that is told of one that has nothing else, and of one that has cohorts. */
function beyondHttp(route: VirtualService, service: RoutedService): readonly string[] {
  const leads = leadsTo(route, service)
  const isRouted = (list: 'http' | 'tcp' | 'tls'): boolean =>
    listOf<{ readonly route?: readonly WeightedDestination[] }>(route.spec[list]).some(
      each => destinationsTo(each, leads).length > 0,
    )
  const lists = (['tcp', 'tls'] as const).filter(isRouted).join(' and ')
  if (lists === '' || (isRouted('http') && cohortsOf(route, service).length === 0)) return []
  return [
    `VirtualService ${nameOf(route)} routes ${service.name} by ${lists}${isRouted('http') ? ', too' : ''}, where requests cannot be told apart: cohorts do not apply there.`,
  ]
}

function coversHost(view: ClusterView, route: VirtualService, service: RoutedService): boolean {
  const covering = new Set(coveringHosts(hostOf(service)))
  return listOf(route.spec.hosts).some(host =>
    covering.has(expandHost(host, namespaceOf(route), view.mesh.clusterDomain)),
  )
}

/** A gateway in view none of whose servers covers the hosts: the route never takes a request there. */
function nobodyLists(view: ClusterView, route: VirtualService, service: RoutedService): readonly string[] {
  if (
    !listOf(route.spec.http).some(http =>
      listOf(http.route).some(({ destination }) => leadsTo(route, service)(destination)),
    )
  )
    return []
  return listOf(route.spec.gateways)
    .filter(name => name !== 'mesh')
    .flatMap(name => {
      const [namespace, bare] = name.includes('/')
        ? (name.split('/') as [string, string])
        : [namespaceOf(route), name]
      const gateway = view.get({ kind: 'Gateway', namespace, name: bare })
      if (gateway === undefined || listOf(route.spec.hosts).length === 0) return []
      const served = listOf(gateway.spec.servers)
        .flatMap(({ hosts }) => listOf(hosts))
        .map(host => host.split('/').at(-1)!)
      const isServed = listOf(route.spec.hosts).some(host => served.some(pattern => overlaps(pattern, host)))
      return isServed
        ? []
        : [
            `Gateway ${namespace}/${bare} serves no host of VirtualService ${nameOf(route)}: nothing reaches that route from outside.`,
          ]
    })
}

const overlaps = (a: string, b: string): boolean =>
  coveringHosts(a).includes(b) || coveringHosts(b).includes(a)
