import { serviceHost, serviceOfHost } from '../objects/hosts.ts'
import { compareNaturally } from '../objects/text/natural-order.ts'
import type { RoutedService, ServiceVersion } from '../routing/service.ts'
import type { ClusterView } from '../view/cluster-view.ts'
import { workloadsOfService, type ServiceWorkload } from './service-workloads.ts'
import { includes, serviceOf, versionLabelOf } from './version-services.ts'

/** A version of a service: a Service, or pods that have none of their own yet. */
export interface HostedVersion extends ServiceVersion {
  /** The host of the Service that it is; undefined for one that has none yet. */
  readonly host: string | undefined
  readonly workloads: readonly ServiceWorkload[]
}

/** The host of the Service. */
export const hostOfService = ({ name, namespace, clusterDomain, host }: RoutedService): string =>
  host ?? serviceHost(name, namespace, clusterDomain)

/** The hosts of the Services that are versions of a service, and its own. */
export const servedHostsOf = (service: RoutedService): readonly string[] => [
  ...new Set([hostOfService(service), ...(service.hosts ?? []).map(({ host }) => host)]),
]

/**
 * The versions of a service, by name: the Services that are its versions, and the version labels of the pods behind
 * its own Service that have none of their own. `routed` are the hosts that its routes name.
 */
export function hostedVersions(
  view: ClusterView,
  service: RoutedService,
  routed: ReadonlySet<string>,
): readonly HostedVersion[] {
  const own = hostOfService(service)
  const others = servedHostsOf(service).filter(
    host => host !== own && (serviceOf(view, host) !== undefined || routed.has(host)),
  )
  const isVersion = isVersionItself(view, own, { others, routed })
  const whole = distinctlyNamed([
    ...(isVersion ? [versionAt(view, own)] : []),
    ...others.map(host => versionAt(view, host)),
  ])
  const bare = isVersion ? [] : bareVersions(view, own).filter(({ name }) => !isTaken(name, whole))
  return [...whole, ...bare].toSorted((a, b) => compareNaturally(a.name, b.name))
}

interface OtherHosts {
  readonly others: readonly string[]
  readonly routed: ReadonlySet<string>
}

/**
 * Whether the service's own Service is one of its versions: it shares requests with others, or has pods that are
 * behind none of them.
 */
function isVersionItself(view: ClusterView, own: string, { others, routed }: OtherHosts): boolean {
  const found = serviceOf(view, own)
  if (others.length === 0)
    return found !== undefined && versionLabelOf(view, found) !== undefined && !isMixed(view, own)
  if (others.some(host => includes(view, own, host))) return false
  return found !== undefined && (routed.has(own) || workloadsOfService(view, found).length > 0)
}

const isMixed = (view: ClusterView, host: string): boolean => bareVersions(view, host).length > 1

/** Whether pods that have no version Service of their own are those of one that has the name. */
const isTaken = (name: string, whole: readonly HostedVersion[]): boolean =>
  whole.some(other => other.name === name)

function versionAt(view: ClusterView, host: string): HostedVersion {
  const named = serviceOfHost(host, view.mesh.clusterDomain)!
  const found = serviceOf(view, host)
  return {
    name: (found && versionLabelOf(view, found)) ?? named.name,
    service: named,
    host,
    workloads: found === undefined ? [] : workloadsOfService(view, found),
  }
}

/** The versions that the pods behind a Service say by their label. */
function bareVersions(view: ClusterView, host: string): readonly HostedVersion[] {
  const found = serviceOf(view, host)
  const workloads = found === undefined ? [] : workloadsOfService(view, found)
  return [...Map.groupBy(workloads, ({ labels }) => labels['version'])].flatMap(([name, those]) =>
    name === undefined || name === '' ? [] : [{ name, host: undefined, workloads: those }],
  )
}

/** The same versions, each with a name of its own: where labels say the same of several, they are called by their Services. */
function distinctlyNamed(versions: readonly HostedVersion[]): readonly HostedVersion[] {
  const isClear = (version: HostedVersion, name: string): boolean =>
    versions.every(other => other === version || (other.name !== name && other.service?.name !== name))
  return versions.map(version => {
    const { name, service } = version
    if (service === undefined || isClear(version, name)) return version
    const own = versions.every(other => other === version || other.service?.name !== service.name)
    return { ...version, name: own ? service.name : `${service.name}.${service.namespace}` }
  })
}

/** The version whose Service has a host. */
export const versionOfHost = (
  versions: readonly HostedVersion[],
  host: string | undefined,
): HostedVersion | undefined => versions.find(version => host !== undefined && version.host === host)

/** A version by the name that the reading gives it; throws where the caller made the name up. */
export function versionNamed(versions: readonly HostedVersion[], name: string): HostedVersion {
  const found = versions.find(version => version.name === name)
  if (found === undefined) throw new TypeError(`there is no version ${name}`)
  return found
}
