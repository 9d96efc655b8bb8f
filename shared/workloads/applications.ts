import { serviceHost, serviceOfHost } from '../objects/hosts.ts'
import { controllerOf, type KubeObject } from '../objects/kube-object.ts'
import { compareNaturally } from '../objects/text/natural-order.ts'
import { fieldsOf, itemsOf, numberOf, textOf } from '../objects/unchecked.ts'
import { readRecord } from '../routing/record/record.ts'
import { idOf, type RoutedService, type ServedHost } from '../routing/service.ts'
import type { ClusterView } from '../view/cluster-view.ts'
import { once } from '../view/session.ts'
import { groupsByName, isNamedFor, versionServicesNamed, type ShownGroup } from './version-groups.ts'
import { baseOf, covers, serviceOf, siblingsOf } from './version-services.ts'

/** How a routing API shows which Services are the versions of one service. */
export interface Grouping {
  /** The groups that its objects show in which a host is a version, or what the versions are of. */
  groupsAt(view: ClusterView, host: string): readonly ShownGroup[]
  /** The hosts of a namespace to which its objects lead, whether there are such Services or not. */
  readonly hostsIn: (view: ClusterView, namespace: string) => readonly string[]
  /** Hosts of the service that its objects mean by a name that no Service has. */
  hostsNamed(view: ClusterView, service: RoutedService): readonly string[]
}

/**
 * The service that a person means by a name: the one of which the Service of that name is a version, or whose
 * versions are named for it; else the Service as it is. Of one that is known already, with the versions that it has
 * in this view.
 */
export function applicationMeantBy(
  view: ClusterView,
  said: RoutedService,
  grouping: Grouping,
): RoutedService {
  if (said.host !== undefined) return said
  if (said.hosts !== undefined) {
    const linked = said.hosts.flatMap(({ host }) => applicationAt(view, host, grouping)?.hosts ?? [])
    const known = new Set(said.hosts.map(({ host }) => host))
    const more = [...new Map(linked.map(each => [each.host, each])).values()].filter(
      ({ host }) => !known.has(host),
    )
    return more.length === 0 ? said : { ...said, hosts: [...said.hosts, ...more] }
  }
  const own = serviceHost(said.name, said.namespace, said.clusterDomain)
  const found = applicationAt(view, own, grouping)
  if (found !== undefined) return found
  if (serviceOf(view, own) !== undefined) return applicationCalled(view, said, grouping) ?? said
  for (const host of [...versionServicesNamed(view, own), ...grouping.hostsNamed(view, said)]) {
    const application = applicationAt(view, host, grouping)
    if (application !== undefined) return application
  }
  return applicationCalled(view, said, grouping) ?? said
}

/** The service that is called by what the names of its versions have in common: `catalog` of `catalog-old` and `catalog-new`. */
const applicationCalled = (
  view: ClusterView,
  { name, namespace }: RoutedService,
  grouping: Grouping,
): RoutedService | undefined => applicationsIn(view, namespace, grouping).get(name)

/** The services of a namespace by what the names of their versions have in common. */
const applicationsIn = (
  view: ClusterView,
  namespace: string,
  grouping: Grouping,
): ReadonlyMap<string, RoutedService> =>
  once(view, [grouping.hostsIn, namespace], () => {
    const stated = view
      .list('Service', namespace)
      .map(service => serviceHost(service.metadata.name, namespace, view.mesh.clusterDomain))
    const called = new Map<string, RoutedService>()
    for (const host of new Set([...stated, ...grouping.hostsIn(view, namespace)])) {
      const found = applicationAt(view, host, grouping)
      if (found?.namespace !== namespace || !host.startsWith(`${found.name}-`)) continue
      if (!called.has(found.name)) called.set(found.name, found)
    }
    return called
  })

/** The Services that are versions of one service, and the Services that their routes are for. */
interface LinkedHosts {
  readonly hosts: readonly string[]
  readonly apexes: readonly string[]
  readonly objects: readonly KubeObject[]
}

/** The service of which the Service of a host is a version, or the umbrella; undefined where it is of none. */
export const applicationAt = (
  view: ClusterView,
  host: string,
  grouping: Grouping,
): RoutedService | undefined =>
  once(view, [grouping, host], () => {
    const linked = linkedTo(view, host, grouping)
    if (linked.hosts.length === 0) return undefined
    const own = canonicalHost(view, linked)
    const all = [...linked.hosts, ...(serviceOf(view, own) === undefined ? [] : [own])]
    return {
      ...serviceOfHost(own, view.mesh.clusterDomain)!,
      clusterDomain: view.mesh.clusterDomain,
      hosts: [...new Set(all)].toSorted(compareNaturally).map(each => servedHost(view, each)),
    }
  })

/** The versions beside a Service that gets nothing, as the routes to another version show them. */
const shownWithSibling = (view: ClusterView, host: string, grouping: Grouping): readonly string[] =>
  siblingsOf(view, host)
    .flatMap(sibling => grouping.groupsAt(view, sibling).map(({ hosts }) => hosts))
    .filter(hosts => hosts.includes(host))
    .flat()

function linkedTo(view: ClusterView, host: string, grouping: Grouping): LinkedHosts {
  const [apexes, objects] = [new Set<string>(), new Set<KubeObject>()]
  const hosts = new Set(shownWithSibling(view, host, grouping))
  for (const { hosts: named, apex } of groupsByName(view, host)) {
    for (const each of named) hosts.add(each)
    if (apex !== undefined) apexes.add(apex)
  }
  const [waiting, seen] = [[host, ...hosts, ...apexes], new Set<string>()]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (seen.has(next)) continue
    seen.add(next)
    for (const { hosts: grouped, apex, object } of grouping.groupsAt(view, next)) {
      if (apex !== next && !grouped.includes(next)) continue
      objects.add(object)
      if (apex !== undefined) apexes.add(apex)
      for (const each of grouped) hosts.add(each)
      waiting.push(...grouped, ...(apex === undefined ? [] : [apex]))
    }
  }
  return { hosts: [...hosts], apexes: [...apexes], objects: [...objects] }
}

/**
 * The host by which a service is known: the one that is written down, else the one that its routes are for, else
 * the one that its versions are named for, else the first of them.
 */
function canonicalHost(view: ClusterView, { hosts, apexes, objects }: LinkedHosts): string {
  const inOrder = (all: readonly string[]): readonly string[] => all.toSorted(compareNaturally)
  const base = commonBase(view, hosts)
  const choices = [
    ...inOrder(apexes),
    ...inOrder(hosts.filter(host => hosts.every(other => isNamedFor(host, other)))),
    ...(base === undefined || !mayName(view, base, hosts) ? [] : [base]),
    ...inOrder(hosts),
  ]
  const written = new Set(
    objects.flatMap(object => (readRecord(object)?.cohorts ?? []).map(({ service }) => service)),
  )
  const isWritten = (host: string): boolean =>
    written.has(idOf({ ...serviceOfHost(host, view.mesh.clusterDomain)!, clusterDomain: '' }))
  return choices.find(isWritten) ?? choices[0]!
}

/** A Service of another application keeps its name. */
const mayName = (view: ClusterView, base: string, hosts: readonly string[]): boolean =>
  serviceOf(view, base) === undefined
  || hosts.every(host => host === base || covers(view, base, host))
  || areMadeTogether(view, [base, ...hosts])

/** Whether one controller made all Services: Flagger makes `catalog` beside `catalog-primary` and `catalog-canary`. */
function areMadeTogether(view: ClusterView, hosts: readonly string[]): boolean {
  const makers = new Set(
    hosts.map(host => {
      const service = serviceOf(view, host)
      const maker = service === undefined ? undefined : controllerOf(service)
      return maker === undefined ? '' : `${maker.kind} ${maker.name}`
    }),
  )
  return makers.size === 1 && !makers.has('')
}

/** The host of the name that all versions have before their versions: `catalog` of `catalog-v1` and `catalog-v2`. */
function commonBase(view: ClusterView, hosts: readonly string[]): string | undefined {
  const namespaces = new Set(hosts.map(host => serviceOfHost(host, view.mesh.clusterDomain)?.namespace))
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
