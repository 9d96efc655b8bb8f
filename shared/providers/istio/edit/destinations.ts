import { serviceOfHost } from '../../../objects/hosts.ts'
import { namespaceOf } from '../../../objects/kube-object.ts'
import type { Destination, VirtualService, WeightedDestination } from '../../../objects/virtual-service.ts'
import type { ServedHost } from '../../../routing/service.ts'
import { hostOf, type RoutedService } from '../read/routed-service.ts'
import { isSameTarget, targetIn, type VersionTarget } from '../read/version-target.ts'

/** The destinations of a route that lead to versions of a service. */
export interface VersionDestinations {
  readonly virtualService: VirtualService
  readonly service: RoutedService
  readonly destinations: readonly WeightedDestination[]
  /** Those that splits removed from the route, with the settings that they had. */
  readonly removed: readonly WeightedDestination[]
}

/** The destination that leads to a version; where none does, the one that a split removed, else the first, led to it. */
export function destinationAt(where: VersionDestinations, target: VersionTarget): WeightedDestination {
  const { destinations, removed } = where
  const leads = leadsToVersion(where, target)
  const own = [...destinations, ...removed].find(({ destination }) => leads(destination))
  return own ?? copyAt(where, target)
}

/** A copy of the first destination of a route, led to a version. */
export function copyAt(where: VersionDestinations, target: VersionTarget): WeightedDestination {
  const template = where.destinations[0]!
  return { ...template, destination: turned(where, template.destination, target) }
}

/** The same, alone in its route and so without a weight. */
export function aloneAt(where: VersionDestinations, target: VersionTarget): WeightedDestination {
  const { weight: _, ...rest } = destinationAt(where, target)
  return rest
}

/** Whether a destination leads to a version. */
export const leadsToVersion = (
  { virtualService, service }: Pick<VersionDestinations, 'virtualService' | 'service'>,
  target: VersionTarget,
): ((destination: Destination) => boolean) => {
  const read = targetIn(virtualService, service)
  return destination => isSameTarget(read(destination), target)
}

/**
 * Whether destinations lead to several ports of one host; a port that is left out is the only one of a Service
 * that has one.
 */
export function splitsPorts(
  { virtualService, service, destinations }: Omit<VersionDestinations, 'removed'>,
  onlyPort: number | undefined,
): boolean {
  const hostIn = (destination: Destination): string =>
    targetIn(virtualService, service)(destination).host ?? hostOf(service)
  const byHost = Map.groupBy(destinations, ({ destination }) => hostIn(destination))
  return [...byHost].some(([host, those]) => {
    const only = host === hostOf(service) ? onlyPort : onlyPortAt(service, host)
    return new Set(those.map(({ destination }) => destination.port?.number ?? only)).size > 1
  })
}

/** A destination led to a version; its host is spelled as it was where it stays, else as short as it was. */
function turned(where: VersionDestinations, destination: Destination, target: VersionTarget): Destination {
  const { virtualService, service } = where
  const from = targetIn(virtualService, service)(destination)
  const { subset: _, ...whole } = destination
  if (from.host === target.host)
    return target.subset === undefined ? whole : { ...destination, subset: target.subset }
  const full = target.host ?? hostOf(service)
  const host = destination.host.includes('.') ? full : shortHost(full, namespaceOf(virtualService), service)
  const port = portAt(where, { from: from.host ?? hostOf(service), to: full, port: destination.port?.number })
  const { port: _port, ...portless } = whole
  return {
    ...(port === destination.port?.number
      ? whole
      : port === undefined
        ? portless
        : { ...whole, port: { number: port } }),
    host,
    ...(target.subset !== undefined && { subset: target.subset }),
  }
}

/** How a Service is named in its own namespace; from another one by its whole host. */
export function shortHost(
  host: string,
  namespace: string,
  { clusterDomain }: Pick<RoutedService, 'clusterDomain'>,
): string {
  const found = serviceOfHost(host, clusterDomain)
  return found?.namespace === namespace ? found.name : host
}

const portsAt = ({ hosts = [] }: RoutedService, host: string): ServedHost['ports'] =>
  hosts.find(each => each.host === host)?.ports ?? []

const onlyPortAt = (service: RoutedService, host: string): number | undefined => {
  const ports = portsAt(service, host)
  return ports.length === 1 ? ports[0]!.number : undefined
}

interface PortTurn {
  readonly from: string
  readonly to: string
  /** As it is written; left out where it is. */
  readonly port: number | undefined
}

/**
 * The port of another Service that does what one of this Service does: the same, that of the same name, or the only
 * one. Left out where it is so here and the Services have the same ports, or are not in view.
 */
function portAt({ service }: VersionDestinations, { from, to, port }: PortTurn): number | undefined {
  const [own, others] = [portsAt(service, from), portsAt(service, to)]
  const meant = port ?? onlyPortAt(service, from)
  if (others.length === 0 || meant === undefined) return port
  const isThere = others.some(({ number }) => number === meant)
  if (isThere) return others.length === own.length ? port : (port ?? portBeside(others, meant))
  const name = own.find(({ number }) => number === meant)?.name
  const named = name === undefined ? undefined : others.find(other => other.name === name)?.number
  return named ?? onlyPortAt(service, to) ?? port
}

/** Among several ports the one that is meant has to be named. */
const portBeside = (ports: ServedHost['ports'], meant: number): number | undefined =>
  ports.length > 1 ? meant : undefined
