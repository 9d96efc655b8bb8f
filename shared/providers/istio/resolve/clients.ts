import { expandHost, serviceOfHost } from '../../../objects/hosts.ts'
import { formatLabels } from '../../../objects/labels.ts'
import type { Labels } from '../../../objects/kube-object.ts'
import type { VirtualService } from '../../../objects/virtual-service.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { routingOf, type Route } from './objects/routes.ts'
import { rulesCovering } from './destination-rules.ts'
import { virtualServicesByHost } from './indexes/routing.ts'
import { sidecarSelectors } from './mesh/sidecars.ts'
import { providersAt } from './registry.ts'

/** Who calls: the proxies of a namespace that carry these labels. */
export interface Client {
  readonly namespace: string
  readonly labels: Labels
  readonly isGateway: boolean
}

const isEmpty = (labels: Labels): boolean => {
  for (const _ in labels) return false
  return true
}

/** Represents every namespace that no object names. */
export const anyOtherNamespace = '~any other'

/** As people read it: `other`, `other{app=client}`, `any other namespace`. */
export function formatClient({ namespace, labels }: Client): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}=${value}`)
  return `${namespace === anyOtherNamespace ? 'any other namespace' : namespace}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`}`
}

/**
 * The sidecars that can differ in how they read a VirtualService: the namespaces that some object concerned
 * names and one for all the
 * rest, each without labels and with those of every selector that matters there.
 */
export function sidecarClients(
  view: ClusterView,
  object: VirtualService,
  routes: readonly Route[],
): readonly Client[] {
  const { namespace, exportTo } = routingOf(object)
  const said = [
    ...new Set(
      routes.flatMap(({ targets }) =>
        targets.map(target => expandHost(target.host, target.namespace, view.mesh.clusterDomain)),
      ),
    ),
  ]
  const called = routingOf(object).hosts.map(host => expandHost(host, namespace, view.mesh.clusterDomain))
  const own = called.filter(host => !said.includes(host))
  const hosts = [
    ...new Set([
      ...said,
      ...said.flatMap(host => providersAt(view, host)).flatMap(({ target }) => target ?? []),
    ]),
  ]
  const conditions = routes.flatMap(route => route.conditions)
  return clientsNamedBy(view, {
    hosts,
    namespaces: [
      namespace,
      ...exportTo,
      ...own
        .flatMap(host => providersAt(view, host))
        .flatMap(provider => [provider.namespace, ...provider.exportTo]),
      ...conditions.flatMap(({ sourceNamespace }) => sourceNamespace ?? []),
      ...called.flatMap(host => rivalNamespaces(view, object, host)),
    ],
    labels: conditions.flatMap(({ sourceLabels }) => (isEmpty(sourceLabels) ? [] : [sourceLabels])),
  })
}

/**
 * The namespaces that another VirtualService for the same host names: a Sidecar there may import one of
 * them and not the other.
 */
const rivalNamespaces = (view: ClusterView, object: VirtualService, host: string): readonly string[] =>
  view.find(virtualServicesByHost, host).flatMap(other => {
    const { namespace, exportTo, gateways } = routingOf(other)
    return other === object || !gateways.includes('mesh') ? [] : [namespace, ...exportTo]
  })

/** The sidecars that can differ in how they call a host that no VirtualService concerns. */
export const clientsOfHost = (view: ClusterView, host: string): readonly Client[] =>
  clientsNamedBy(view, { hosts: [host], namespaces: [], labels: [] })

interface Named {
  /** The hosts that are called, expanded. */
  readonly hosts: readonly string[]
  /** Namespaces and labels of clients that something else names. */
  readonly namespaces: readonly string[]
  readonly labels: readonly Labels[]
}

function clientsNamedBy(view: ClusterView, { hosts, namespaces, labels }: Named): readonly Client[] {
  const rules = hosts.flatMap(host => rulesCovering(view, host)).flat()
  const named = [
    ...namespaces,
    view.mesh.rootNamespace,
    ...hosts.flatMap(host => serviceOfHost(host, view.mesh.clusterDomain)?.namespace ?? []),
    ...hosts
      .flatMap(host => providersAt(view, host))
      .flatMap(provider => [provider.namespace, ...provider.exportTo]),
    ...rules.flatMap(rule => [rule.namespace, ...rule.exportTo]),
  ]
  const distinctNames = [...new Set(named)].filter(name => name !== '*' && name !== '.' && name !== '~')
  return [...distinctNames, anyOtherNamespace].flatMap(name => {
    const selectors = rules.flatMap(({ namespace: owner, selector }) =>
      owner === name && selector !== undefined ? [selector] : [],
    )
    return distinct([{}, ...labels, ...selectors, ...sidecarSelectors(view, name)]).map(own => ({
      namespace: name,
      labels: own,
      isGateway: false,
    }))
  })
}

function distinct(classes: readonly Labels[]): readonly Labels[] {
  if (classes.length < 2) return classes
  const byText = new Map(classes.map(labels => [formatLabels(labels), labels]))
  return [...byText.values()]
}
