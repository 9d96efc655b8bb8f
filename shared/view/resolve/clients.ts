import { expandHost, serviceOfHost } from '../../objects/hosts.ts'
import { formatLabels, matches } from '../../objects/labels.ts'
import { namespaceOf, type Labels } from '../../objects/kube-object.ts'
import type { Sidecar } from '../../objects/istio.ts'
import type { VirtualService } from '../../objects/virtual-service.ts'
import type { ClusterView } from '../cluster-view.ts'
import { hostsMeet } from '../indexes.ts'
import { routingOf, type Route } from '../read/routes.ts'
import { derivedOnce, fieldsOf, isFields, itemsOf, labelsOf, numberOf, textOf, textsOf } from '../read/unchecked.ts'
import { once } from '../session.ts'
import { rulesCovering } from './destination-rules.ts'
import { providersAt } from './registry.ts'
import { byAge } from './visibility.ts'

/** Who calls: the proxies of a namespace that carry these labels. */
export interface Client {
  readonly namespace: string
  readonly labels: Labels
  readonly isGateway: boolean
}

/** Stands for every namespace that no object speaks of. */
export const anyOtherNamespace = '~any other'

/** As people read it: `other`, `other{app=client}`, `any other namespace`. */
export function formatClient({ namespace, labels }: Client): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}=${value}`)
  return `${namespace === anyOtherNamespace ? 'any other namespace' : namespace}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`}`
}

/**
 * The sidecars that can differ in how they read a VirtualService: the namespaces that some object concerned speaks of and one for all the
 * rest, each without labels and with those of every selector that matters there.
 */
export function sidecarClients(view: ClusterView, object: VirtualService, routes: readonly Route[]): readonly Client[] {
  const { namespace, exportTo } = routingOf(object)
  const said = [...new Set(routes.flatMap(({ targets }) => targets.map(target => expandHost(target.host, target.namespace, view.mesh.clusterDomain))))]
  const own = routingOf(object).hosts.map(host => expandHost(host, namespace, view.mesh.clusterDomain)).filter(host => !said.includes(host))
  const hosts = [...new Set([...said, ...said.flatMap(host => providersAt(view, host)).flatMap(({ target }) => target ?? [])])]
  const rules = hosts.flatMap(host => rulesCovering(view, host)).flat()
  const conditions = routes.flatMap(route => route.conditions)
  const named = [
    namespace, view.mesh.rootNamespace, ...exportTo,
    ...hosts.flatMap(host => serviceOfHost(host, view.mesh.clusterDomain)?.namespace ?? []),
    ...[...hosts, ...own].flatMap(host => providersAt(view, host)).flatMap(provider => [provider.namespace, ...provider.exportTo]),
    ...rules.flatMap(rule => [rule.namespace, ...rule.exportTo]),
    ...conditions.flatMap(({ sourceNamespace }) => sourceNamespace ?? []),
  ]
  const asked = conditions.map(({ sourceLabels }) => sourceLabels)
  const namespaces = [...new Set(named)].filter(name => name !== '*' && name !== '.' && name !== '~')
  return [...namespaces, anyOtherNamespace].flatMap(name => {
    const selecting = [...rules.filter(rule => rule.namespace === name), ...sidecarsIn(view, name)]
    const selectors = selecting.map(({ selector }) => selector).filter(selector => selector !== undefined)
    return distinct([{}, ...asked, ...selectors]).map(labels => ({ namespace: name, labels, isGateway: false }))
  })
}

function distinct(classes: readonly Labels[]): readonly Labels[] {
  const byText = new Map(classes.map(labels => [formatLabels(labels), labels]))
  return [...byText.values()]
}

interface Import {
  readonly namespace: string
  readonly host: string
}
interface EgressListener {
  readonly port: number | undefined
  readonly imports: readonly Import[]
  /** What `~namespace/host` takes away from all that is imported. */
  readonly excludes: readonly Import[]
}
interface SidecarReading {
  readonly selector: Labels | undefined
  readonly created: string | undefined
  readonly name: string
  readonly namespace: string
  readonly egress: readonly EgressListener[]
}

const sidecarReadingOf: (sidecar: Sidecar) => SidecarReading = derivedOnce(sidecar => {
  const spec = fieldsOf(sidecar.spec)
  return {
    selector: isFields(spec['workloadSelector']) ? labelsOf(spec['workloadSelector']['labels']) : undefined,
    created: textOf(sidecar.metadata.creationTimestamp),
    name: sidecar.metadata.name,
    namespace: namespaceOf(sidecar),
    egress: itemsOf(spec['egress']).map(listener => ({
      port: numberOf(fieldsOf(fieldsOf(listener)['port'])['number']),
      imports: importsIn(listener).filter(({ namespace }) => !namespace.startsWith('~')),
      excludes: importsIn(listener).flatMap(({ namespace, host }) => namespace.startsWith('~') ? [{ namespace: namespace.slice(1) || '*', host }] : []),
    })),
  }
})

const importsIn = (listener: unknown): readonly Import[] => textsOf(fieldsOf(listener)['hosts']).flatMap(said => {
  const [namespace, host, more] = said.split('/')
  return namespace === undefined || host === undefined || more !== undefined ? [] : [{ namespace, host }]
})

const sidecarsIn = (view: ClusterView, namespace: string): readonly SidecarReading[] =>
  once(view, sidecarsIn, namespace, () => view.list('Sidecar', namespace).map(sidecarReadingOf).toSorted(byAge))

/** The Sidecar that limits what a client imports: one that selects it, else its namespace's, else the root namespace's. */
function sidecarOf(view: ClusterView, { namespace, labels }: Client): SidecarReading | undefined {
  const own = sidecarsIn(view, namespace)
  return own.find(({ selector }) => selector !== undefined && matches(selector, labels))
    ?? own.find(({ selector }) => selector === undefined)
    ?? sidecarsIn(view, view.mesh.rootNamespace).find(({ selector }) => selector === undefined)
}

/** Whether a client imports a host of a namespace: of a VirtualService, or (`isProvided`) of a Service or ServiceEntry, which must lie within the import as a whole. */
export type Imports = (object: { readonly namespace: string; readonly host: string; readonly isProvided?: boolean }) => boolean

const everything: Imports = () => true

/** What a client imports for the listener of a port; everything without a Sidecar that says otherwise. A port left open stands for any. */
export function importsOf(view: ClusterView, client: Client, port: number | undefined): Imports {
  if (client.isGateway) return everything
  const sidecar = sidecarOf(view, client)
  if (sidecar === undefined || sidecar.egress.length === 0) return everything
  const listeners = port === undefined ? sidecar.egress : sidecar.egress.filter((_, i, all) =>
    i === all.findIndex(other => other.port === undefined || other.port === port))
  return ({ namespace, host, isProvided }) => listeners.some(({ imports, excludes }) => {
    const isOf = (one: Import): boolean => one.namespace === '*' || one.namespace === namespace || one.namespace === '.' && namespace === client.namespace
    const takes = (said: string): boolean => isProvided === true && host.startsWith('*') ? said.startsWith('*') && host.endsWith(said.slice(1)) : hostsMeet(said, host)
    return imports.some(one => isOf(one) && takes(one.host)) && !excludes.some(one => isOf(one) && host.endsWith(one.host.replace(/^\*/, '')))
  })
}
