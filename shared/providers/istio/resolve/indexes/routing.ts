import { expandHost } from '../../../../objects/hosts.ts'
import { namespaceOf } from '../../../../objects/kube-object.ts'
import type { DestinationRule } from '../../../../objects/destination-rule.ts'
import type { Destination, VirtualService } from '../../../../objects/virtual-service.ts'
import type { Index } from '../../../../view/cluster-view.ts'
import type { MeshSettings } from '../../../../view/mesh.ts'
import { routingOf } from '../objects/routes.ts'
import { fieldsOf, textOf, textsOf } from '../../../../objects/unchecked.ts'

/**
 * Every destination that a VirtualService names, mirrors included. Tolerates objects that no API server has
 * checked.
 */
export const destinationsOf = (object: VirtualService): readonly Destination[] =>
  routingOf(object)
    .routes.flatMap(({ targets }) => targets)
    .map(({ host, subset, port }) => ({
      host,
      ...(subset === undefined ? {} : { subset }),
      ...(port === undefined ? {} : { port: { number: port } }),
    }))

/**
 * No name is longer (istio/pkg/config/validation/agent, ValidateFQDN); of a longer one, every label would
 * make another wildcard.
 */
const longestHost = 255

/** A host and every wildcard that covers it: `a.b.c` → `a.b.c`, `*.b.c`, `*.c`, `*`. */
export function coveringHosts(host: string): readonly string[] {
  if (host.length > longestHost) return [host, '*']
  const bare = host.startsWith('*.') ? host.slice(2) : host
  const labels = bare.split('.')
  const suffixes = labels.map((_, i) => `*.${labels.slice(i).join('.')}`)
  return [...new Set([host, ...(host.startsWith('*') ? suffixes : suffixes.slice(1)), '*'])]
}

/**
 * Hosts are looked up by wildcards of at most so many labels, and what is found is held against the whole
 * one: a name of 128 would be kept as often.
 */
const mostLabels = 12

/** The keys by which a host is found: itself, and the wildcards over it. */
export function coveringKeys(host: string): readonly string[] {
  const all = coveringHosts(host)
  // As good as always: each wildcard has another label less, and there are no more than labels.
  if (all.length <= mostLabels) return all
  return all.filter(key => key === host || key.split('.', mostLabels + 2).length <= mostLabels + 1)
}

/**
 * The key to find all by that a wildcard covers, and the wildcard by a host: the widest of those over it,
 * without a part of a label. `*iews.default.svc` → `*.default.svc`.
 */
export function wholeWildcard(wildcard: string): string {
  const dot = wildcard.indexOf('.')
  return dot < 0 || wildcard.length > longestHost
    ? '*'
    : `*.${wildcard
        .slice(dot + 1)
        .split('.')
        .slice(-mostLabels)
        .join('.')}`
}

/**
 * Whether two hosts, either of them a wildcard, have a host in common (istio/pkg/config/host, Name.Matches).
 */
export function hostsMeet(one: string, other: string): boolean {
  if (one.startsWith('*') && other.startsWith('*'))
    return one.length < other.length ? other.endsWith(one.slice(1)) : one.endsWith(other.slice(1))
  if (one.startsWith('*')) return other.endsWith(one.slice(1))
  if (other.startsWith('*')) return one.endsWith(other.slice(1))
  return one === other
}

/**
 * What people probably meant by a host that does not expand: `reviews.shop`, `reviews.shop.svc`, a trailing
 * dot or upper case, as the Service's host.
 */
export function intendedHost(host: string, clusterDomain: string): string {
  const bare = host.toLowerCase().replace(/\.$/, '')
  const parts = bare.split('.')
  if (parts.length === 2) return `${bare}.svc.${clusterDomain}`
  return parts.length === 3 && parts[2] === 'svc' ? `${bare}.${clusterDomain}` : bare
}

const distinct = (keys: readonly string[]): readonly string[] => (keys.length < 2 ? keys : [...new Set(keys)])

const expandedHosts = (object: VirtualService, { clusterDomain }: MeshSettings): readonly string[] => {
  const { hosts, namespace } = routingOf(object)
  return hosts.map(host => expandHost(host, namespace, clusterDomain))
}
const expandedDestinations = (object: VirtualService, { clusterDomain }: MeshSettings): readonly string[] =>
  distinct(
    routingOf(object).routes.flatMap(({ targets }) =>
      targets.map(({ host, namespace }) => expandHost(host, namespace, clusterDomain)),
    ),
  )

/**
 * VirtualServices by the hosts that they route or mirror to, expanded, and by every wildcard that covers
 * those.
 */
export const virtualServicesByDestination: Index<'VirtualService'> = {
  kind: 'VirtualService',
  keysOf: (object, mesh) => distinct(expandedDestinations(object, mesh).flatMap(coveringKeys)),
}

/**
 * VirtualServices by the hosts that they are for, expanded, wildcards as they are written; also in lower
 * case, as http routes are looked up.
 */
export const virtualServicesByHost: Index<'VirtualService'> = {
  kind: 'VirtualService',
  keysOf: (object, mesh) => distinct(expandedHosts(object, mesh).flatMap(host => [host, host.toLowerCase()])),
}

/** VirtualServices by the wildcards that cover the hosts they are for. */
export const virtualServicesByCoveringHost: Index<'VirtualService'> = {
  kind: 'VirtualService',
  keysOf: (object, mesh) =>
    distinct(
      expandedHosts(object, mesh).flatMap(host =>
        coveringKeys(host.startsWith('*') ? wholeWildcard(host) : host),
      ),
    ),
}

/** VirtualServices for wildcard hosts, by the widest whole wildcard. */
export const virtualServicesByWildcard: Index<'VirtualService'> = {
  kind: 'VirtualService',
  keysOf: (object, mesh) =>
    distinct(
      expandedHosts(object, mesh)
        .filter(host => host.startsWith('*'))
        .map(wholeWildcard),
    ),
}

/**
 * VirtualServices by the Service that a host of theirs, which does not expand, was probably meant to name.
 */
export const virtualServicesByIntendedHost: Index<'VirtualService'> = {
  kind: 'VirtualService',
  keysOf: (object, mesh) =>
    distinct(
      [...expandedHosts(object, mesh), ...expandedDestinations(object, mesh)].flatMap(host => {
        const intended = intendedHost(host, mesh.clusterDomain)
        return intended === host ? [] : [intended]
      }),
    ),
}

/** VirtualServices by the gateways they are bound to, `namespace/name` or `mesh`; delegates have none. */
export const virtualServicesByGateway: Index<'VirtualService'> = {
  kind: 'VirtualService',
  keysOf: object => (routingOf(object).hosts.length === 0 ? [] : distinct(routingOf(object).gateways)),
}

/** VirtualServices by the `namespace/name` of those that they delegate to. */
export const virtualServicesByDelegate: Index<'VirtualService'> = {
  kind: 'VirtualService',
  keysOf: object =>
    distinct(
      routingOf(object).routes.flatMap(({ delegate }) =>
        delegate === undefined ? [] : [`${delegate.namespace}/${delegate.name}`],
      ),
    ),
}

/** VirtualServices by the namespaces that they name as clients. */
export const virtualServicesByClient: Index<'VirtualService'> = {
  kind: 'VirtualService',
  keysOf: object =>
    distinct([
      ...routingOf(object).exportTo,
      ...routingOf(object).routes.flatMap(({ conditions }) =>
        conditions.flatMap(({ sourceNamespace }) => sourceNamespace ?? []),
      ),
    ]),
}

/** The host of a DestinationRule, expanded; undefined where it has none. */
export function ruleHost(rule: DestinationRule, { clusterDomain }: MeshSettings): string | undefined {
  const host = textOf(fieldsOf(rule.spec)['host'])
  return host === undefined ? undefined : expandHost(host, namespaceOf(rule), clusterDomain)
}

const hostKeys = (
  rule: DestinationRule,
  mesh: MeshSettings,
  keys: (host: string) => readonly string[],
): readonly string[] => {
  const host = ruleHost(rule, mesh)
  return host === undefined ? [] : keys(host)
}

/** DestinationRules by their host, expanded, wildcards as they are written. */
export const destinationRulesByHost: Index<'DestinationRule'> = {
  kind: 'DestinationRule',
  keysOf: (rule, mesh) => hostKeys(rule, mesh, host => [host]),
}

/** DestinationRules for wildcard hosts, by the widest whole wildcard. */
export const destinationRulesByWildcard: Index<'DestinationRule'> = {
  kind: 'DestinationRule',
  keysOf: (rule, mesh) => hostKeys(rule, mesh, host => (host.startsWith('*') ? [wholeWildcard(host)] : [])),
}

/** DestinationRules by the Service that their host, which does not expand, was probably meant to name. */
export const destinationRulesByIntendedHost: Index<'DestinationRule'> = {
  kind: 'DestinationRule',
  keysOf: (rule, mesh) =>
    hostKeys(rule, mesh, host =>
      intendedHost(host, mesh.clusterDomain) === host ? [] : [intendedHost(host, mesh.clusterDomain)],
    ),
}

/** DestinationRules by their own namespace and those that they are exported to by name. */
export const destinationRulesByClient: Index<'DestinationRule'> = {
  kind: 'DestinationRule',
  keysOf: rule => distinct([namespaceOf(rule), ...textsOf(fieldsOf(rule.spec)['exportTo'])]),
}
