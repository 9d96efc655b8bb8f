import { serviceHost, serviceOfHost } from '../../../../objects/hosts.ts'
import { namespaceOf } from '../../../../objects/kube-object.ts'
import { compareNaturally } from '../../../../objects/text/natural-order.ts'
import { itemsOf, fieldsOf, numberOf, textOf } from '../../../../objects/unchecked.ts'
import type { VirtualService } from '../../../../objects/virtual-service.ts'
import type { ServedHost } from '../../../../routing/service.ts'
import type { ClusterView } from '../../../../view/cluster-view.ts'
import { once } from '../../../../view/session.ts'
import { virtualServicesByDestination, virtualServicesByHost } from '../../resolve/indexes/routing.ts'
import { recordIn } from '../record/record.ts'
import { idOf, type RoutedService } from '../routed-service.ts'
import { groupsIn } from './groups.ts'
import { baseOf, covers, serviceOf, siblingsOf } from '../../../../workloads/version-services.ts'

/** The Services that are versions of one application, and where this is seen. */
interface LinkedServices {
  readonly hosts: readonly string[]
  /** The hosts that their routes are for. */
  readonly apexes: readonly string[]
  readonly objects: readonly VirtualService[]
}

/**
 * The application that a host of the cluster is of, as one service whose versions are Services of their own;
 * undefined where it is of none.
 */
export function applicationAt(view: ClusterView, host: string): RoutedService | undefined {
  return once(view, [applicationAt, host], () => {
    const found = foundAt(view, host)
    if (found.hosts.length === 0) return undefined
    const own = canonicalHost(view, found)
    const service = serviceOfHost(own, view.mesh.clusterDomain)!
    const all = [...found.hosts, ...(serviceOf(view, own) === undefined ? [] : [own])]
    return {
      ...service,
      clusterDomain: view.mesh.clusterDomain,
      hosts: [...new Set(all)].toSorted(compareNaturally).map(each => servedHost(view, each)),
    }
  })
}

/** All Services that are linked to a host by routes, names and labels. */
function foundAt(view: ClusterView, host: string): LinkedServices {
  const [hosts, apexes, objects] = [new Set<string>(), new Set<string>(), new Set<VirtualService>()]
  const waiting = [host, ...siblingsOf(view, host)]
  const seen = new Set<string>()
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (seen.has(next)) continue
    seen.add(next)
    for (const object of routesAt(view, next)) {
      for (const group of groupsIn(view, object)) {
        if (group.apex !== next && !group.hosts.includes(next)) continue
        objects.add(object)
        if (group.apex !== undefined) apexes.add(group.apex)
        const more = group.hosts.flatMap(each => [each, ...siblingsOf(view, each)])
        for (const each of more) hosts.add(each)
        waiting.push(...more, ...(group.apex === undefined ? [] : [group.apex]))
      }
    }
  }
  return { hosts: [...hosts], apexes: [...apexes], objects: [...objects] }
}

const routesAt = (view: ClusterView, host: string): readonly VirtualService[] =>
  [...view.find(virtualServicesByDestination, host), ...view.find(virtualServicesByHost, host)].filter(
    ({ metadata }) => metadata.deletionTimestamp === undefined,
  )

/**
 * The host by which an application is known: the one that is written down, else the one that its routes are for,
 * else the one that its versions are named for, else the name of its VirtualService.
 */
function canonicalHost(view: ClusterView, { hosts, apexes, objects }: LinkedServices): string {
  const { clusterDomain } = view.mesh
  const inOrder = (all: readonly string[]): readonly string[] => all.toSorted(compareNaturally)
  const named = inOrder(apexes)
  const base = commonBase(view, hosts)
  const routes = inOrder(
    objects.map(object => serviceHost(object.metadata.name, namespaceOf(object), clusterDomain)),
  )
  const free = routes.filter(host => serviceOf(view, host) === undefined && isBeside(host, hosts[0]!))
  const choices = [
    ...named.filter(host => host === base),
    ...named.filter(host => !hosts.includes(host)),
    ...named,
    ...(base === undefined || !mayName(view, base, hosts) ? [] : [base]),
    ...free,
    ...inOrder(hosts),
  ]
  const written = new Set(
    objects.flatMap(object => (recordIn(object)?.cohorts ?? []).map(({ service }) => service)),
  )
  const isWritten = (host: string): boolean => {
    const service = serviceOfHost(host, clusterDomain)!
    return written.has(idOf({ ...service, clusterDomain }))
  }
  return choices.find(isWritten) ?? choices[0]!
}

/** Whether two hosts are of one namespace. */
const isBeside = (host: string, other: string): boolean =>
  host.slice(host.indexOf('.')) === other.slice(other.indexOf('.'))

/** A Service of another application keeps its name. */
const mayName = (view: ClusterView, base: string, hosts: readonly string[]): boolean =>
  serviceOf(view, base) === undefined || hosts.every(host => host === base || covers(view, base, host))

/** The host of the name that all versions have before their versions: `catalog` of `catalog-v1` and `catalog-v2`. */
function commonBase(view: ClusterView, hosts: readonly string[]): string | undefined {
  const services = hosts.map(host => serviceOfHost(host, view.mesh.clusterDomain)!)
  const [first] = services
  if (services.some(({ namespace }) => namespace !== first!.namespace)) return undefined
  const bases = new Set(hosts.map(host => baseOf(view, host)))
  const [only] = bases
  const name = bases.size === 1 && only !== undefined ? only : commonStem(services.map(each => each.name))
  return name === undefined ? undefined : serviceHost(name, first!.namespace, view.mesh.clusterDomain)
}

/** What several names have in common before a dash. */
function commonStem(names: readonly string[]): string | undefined {
  const parts = names.map(name => name.split('-'))
  const [first = []] = parts
  const isCommon = (_: string, i: number): boolean =>
    parts.every(each => each.length > i && each[i] === first[i])
  const end = first.findIndex((part, i) => !isCommon(part, i))
  const stem = first.slice(0, end < 0 ? first.length : end).join('-')
  return stem === '' ? undefined : stem
}

/** A host, and the ports of its Service. */
export const servedHost = (view: ClusterView, host: string): ServedHost => ({
  host,
  ports: itemsOf(fieldsOf(serviceOf(view, host)?.spec)['ports']).flatMap(item => {
    const number = numberOf(fieldsOf(item)['port'])
    return number === undefined ? [] : [{ number, name: textOf(fieldsOf(item)['name']) }]
  }),
})
