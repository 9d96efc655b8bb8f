import { expandHost, serviceHost, serviceOfHost } from '../../../../objects/hosts.ts'
import { namespaceOf } from '../../../../objects/kube-object.ts'
import { mistyped } from '../../../../objects/text/closest.ts'
import type { VirtualService } from '../../../../objects/virtual-service.ts'
import { formerly, type ClusterView } from '../../../../view/cluster-view.ts'
import { once } from '../../../../view/session.ts'
import { servicesByName } from '../indexes/providers.ts'
import { destinationsOf } from '../indexes/routing.ts'
import { providersAt } from '../registry.ts'
import { reachOf } from '../visibility.ts'

/** A host as somebody wrote it, expanded, and the namespace of the object that says it. */
export interface WrittenHost {
  readonly written: string
  readonly expanded: string
  readonly namespace: string
}

/**
 * The host of a Service that was probably meant by one that nobody provides: a letter is wrong, or a name without
 * a namespace is that of the only Service of the name elsewhere. As it is to be written; undefined where nothing in
 * view tells, or where the Service is not exported to the namespace.
 */
export function hostMeant(view: ClusterView, host: WrittenHost): string | undefined {
  const { clusterDomain } = view.mesh
  if (providersAt(view, host.expanded).length > 0 || wasProvided(view, host.expanded)) return undefined
  const meant = serviceNamed(view, host)
  const full = meant && serviceHost(meant.name, meant.namespace, clusterDomain)
  return full !== undefined && isSeenIn(view, full, host.namespace)
    ? meant!.namespace === host.namespace && !host.written.includes('.')
      ? meant!.name
      : full
    : undefined
}

/** Whether a change takes away what provides a host: no other one was meant. */
function wasProvided(view: ClusterView, host: string): boolean {
  const service = serviceOfHost(host, view.mesh.clusterDomain)
  return service !== undefined && formerly(view, { kind: 'Service', ...service }) !== undefined
}

function serviceNamed(
  view: ClusterView,
  { written, expanded, namespace }: WrittenHost,
): { readonly name: string; readonly namespace: string } | undefined {
  const said = serviceOfHost(expanded, view.mesh.clusterDomain)
  if (said === undefined) return withoutNamespace(view, { expanded, namespace })
  const name = mistyped(said.name, servicesIn(view, said.namespace))
  if (name !== undefined) return { name, namespace: said.namespace }
  const elsewhere = namespacesOf(view, said.name)
  // The name with a prefix or suffix is here, as where a kustomization gives one: nobody can tell which is meant.
  if (servicesIn(view, said.namespace).some(isAffixed(said.name))) return undefined
  const there = written.includes('.') ? mistyped(said.namespace, elsewhere) : elsewhere[0]
  return there === undefined || (!written.includes('.') && (there === namespace || elsewhere.length > 1))
    ? undefined
    : { name: said.name, namespace: there }
}

/** The Service of `name.svc` and `name.svc.cluster.local`, where the namespace was left out. */
function withoutNamespace(
  view: ClusterView,
  { expanded, namespace }: Omit<WrittenHost, 'written'>,
): { readonly name: string; readonly namespace: string } | undefined {
  const name = [`.svc.${view.mesh.clusterDomain}`, '.svc']
    .filter(end => expanded.endsWith(end))
    .map(end => expanded.slice(0, -end.length))[0]
  if (name === undefined || name === '' || name.includes('.')) return undefined
  const homes = namespacesOf(view, name)
  const home = homes.includes(namespace) ? namespace : homes.length === 1 ? homes[0] : undefined
  return home === undefined ? undefined : { name, namespace: home }
}

const isAffixed =
  (name: string) =>
  (other: string): boolean =>
    other.endsWith(`-${name}`) || other.startsWith(`${name}-`)

/**
 * Whether clients of a namespace see what provides a host; an alias of a host that nobody provides, and what has ports
 * for UDP alone, is nothing to them.
 */
const isSeenIn = (view: ClusterView, host: string, namespace: string): boolean =>
  providersAt(view, host).some(
    provider =>
      reachOf(provider, namespace, view.mesh.defaultExportTo.service) !== undefined
      && provider.ports.some(({ protocol }) => protocol !== 'UDP')
      && (provider.form !== 'alias'
        || provider.target === undefined
        || providersAt(view, provider.target).length > 0),
  )

/** The namespaces that have a Service of a name. */
const namespacesOf = (view: ClusterView, name: string): readonly string[] =>
  view.find(servicesByName, name).map(namespaceOf)

/** The names of the Services of a namespace; listed once, however many hosts are unknown. */
const servicesIn = (view: ClusterView, namespace: string): readonly string[] =>
  once(view, [servicesIn, namespace], () =>
    view.list('Service', namespace).map(({ metadata }) => metadata.name),
  )

/** A destination whose host nobody provides, and by which another one was probably meant. */
export interface MisspelledDestination {
  readonly route: VirtualService
  readonly written: string
  /** As it is to be written. */
  readonly meant: string
}

/**
 * The destinations by which a Service was probably meant, and that Istio takes for another host; those of its namespace that
 * say no other one: which Services other namespaces have is not always in view.
 */
export function misspellingsOf(view: ClusterView, host: string): readonly MisspelledDestination[] {
  const { clusterDomain } = view.mesh
  const namespace = serviceOfHost(host, clusterDomain)?.namespace
  if (namespace === undefined) return []
  const byHost = once(view, [misspellingsOf, namespace], () => {
    const found = view.list('VirtualService', namespace).flatMap(route =>
      [...new Set(destinationsOf(route).map(destination => destination.host))].flatMap(written => {
        const expanded = expandHost(written, namespace, clusterDomain)
        const said = serviceOfHost(expanded, clusterDomain)?.namespace ?? namespace
        const meant = said === namespace ? hostMeant(view, { written, expanded, namespace }) : undefined
        return meant === undefined ? [] : [{ route, written, meant }]
      }),
    )
    return Map.groupBy(found, ({ meant }) => expandHost(meant, namespace, clusterDomain))
  })
  return byHost.get(host) ?? []
}
