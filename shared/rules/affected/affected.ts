import { destinationHosts } from '../facts/destinations.ts'
import type { Namespace, Service } from '../../objects/core.ts'
import type { DestinationRule } from '../../objects/destination-rule.ts'
import { serviceOfHost } from '../../objects/hosts.ts'
import type { Gateway } from '../../objects/istio.ts'
import { isKind, kindOf, refOf, type Kind, type ObjectOf } from '../../objects/kinds.ts'
import { keyOf, namespaceOf, type KubeObject, type Ref } from '../../objects/kube-object.ts'
import type { VirtualService } from '../../objects/virtual-service.ts'
import type { Change } from '../../view/change.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import {
  destinationRulesByClient,
  destinationRulesByHost,
  destinationRulesByIntendedHost,
  hostsMeet,
  ruleHost,
  virtualServicesByClient,
  virtualServicesByGateway,
} from '../../providers/istio/resolve/indexes/routing.ts'
import {
  aliasesByPort,
  gatewaysBySelector,
  listenersOf,
  serviceEntriesByClient,
  serviceEntriesBySelector,
  servicesByTarget,
  servicesBySelector,
} from '../../providers/istio/resolve/indexes/providers.ts'
import { endpointSlicesByPod, rolloutsByTemplate, serviceOfSlice } from '../../workloads/workload-indexes.ts'
import {
  hostOfService,
  hostsOfEntry,
  providerOfEntry,
  providerOfService,
  type HostProvider,
} from '../../providers/istio/resolve/objects/providers.ts'
import { networkLabel } from '../../workloads/mesh/network.ts'
import { backingVariants, backingsOf } from '../../workloads/backings.ts'
import { apisixTouches } from './apisix.ts'
import { routesBySlices, routesOfService, routesTo, routesToNamed } from './by-service.ts'
import { gatewayApiTouches, routesOfNamespace } from './gateway-api.ts'
import { unjudged } from './unjudged.ts'
import { flipsListenerOn80 } from './listener-on-80.ts'
import { concernedBy, kinOf, leadingTo, rivalsOf, rootsOf } from './routes.ts'
import { broughtAlong, listeningBy, readBy } from './scopes.ts'

/**
 * The objects whose verdict the changes may alter, as one side of the changes sees them, besides the changed
 * ones: a superset, in which one may come
 * twice. Found through indexes, never by a scan, so that its cost is that of what depends on the changes, as
 * far as that is asked for.
 */
export function* affected(view: ClusterView, changes: readonly Change[]): Iterable<Ref> {
  for (const object of changes.flatMap(({ before, after }) => [before, after])) {
    if (object === undefined) continue
    const { routings = [], others } = touchedBy(view, object)
    for (const routing of new Set(routings)) {
      yield refOf(routing)
      for (const root of rootsOf(view, routing)) yield refOf(root)
    }
    for (const other of others?.() ?? []) yield refOf(other)
  }
}

interface Touched {
  readonly routings?: readonly VirtualService[]
  readonly others?: () => readonly KubeObject[]
}

type Touches<K extends Kind> = (view: ClusterView, object: ObjectOf<K>) => Touched

const touchesOf: { readonly [K in Kind]: Touches<K> } = {
  VirtualService: byRouting,
  DestinationRule: byRule,
  Gateway: byGateway,
  ServiceEntry: (view, entry) =>
    byProvider(view, hostsOfEntry(entry), { provider: providerOfEntry(entry), others: [] }),
  Sidecar: (view, sidecar) => ({ routings: readBy(view, sidecar) }),
  WorkloadEntry: byWorkload,
  WorkloadGroup: byWorkload,
  Service: byService,
  Namespace: byNamespace,
  ConfigMap: () => ({}),
  Pod: byWorkload,
  EndpointSlice: (view, slice) => byAddresses(view, slice, serviceOfSlice(slice)),
  Deployment: byWorkload,
  StatefulSet: byWorkload,
  DaemonSet: byWorkload,
  ReplicaSet: byWorkload,
  Rollout: byWorkload,
  ReplicationController: byWorkload,
  DeploymentConfig: byWorkload,
  CloneSet: byWorkload,
  'StatefulSet.apps.kruise.io': byWorkload,
  'DaemonSet.apps.kruise.io': byWorkload,
  OtherWorkload: byWorkload,
  Endpoints: (view, endpoints) => byAddresses(view, endpoints, endpoints.metadata.name),
  ...gatewayApiTouches,
  ...apisixTouches,
  ...unjudged,
}

function touchedBy(view: ClusterView, object: KubeObject): Touched {
  const kind = kindOf(object)
  return kind === undefined ? {} : (touchesOf[kind] as Touches<Kind>)(view, object)
}

/** The Services of some hosts and the workloads behind them. */
const behind = (view: ClusterView, hosts: readonly string[]): readonly KubeObject[] =>
  hosts.flatMap(host => {
    const ref = serviceOfHost(host, view.mesh.clusterDomain)
    const service = ref === undefined ? undefined : view.get({ kind: 'Service', ...ref })
    return service === undefined ? [] : [service, ...workloadsOf(view, service)]
  })

/** The objects whose pods a Service selects. */
function workloadsOf(view: ClusterView, service: Service): readonly KubeObject[] {
  const { selector, namespace } = providerOfService(service)
  return selector === undefined
    ? []
    : backingsOf(view, selector, namespace).flatMap(({ object }) => object ?? [])
}

/** Its kin, those that contend for its hosts or its roots', and what is behind its destinations. */
function byRouting(view: ClusterView, object: VirtualService): Touched {
  const kin = kinOf(view, object)
  const contending = [object, ...kin].flatMap(each => [...rivalsOf(view, each), ...broughtAlong(view, each)])
  return { routings: [...kin, ...contending], others: () => behind(view, destinationHosts(view, object)) }
}

function byRule(view: ClusterView, rule: DestinationRule): Touched {
  const host = ruleHost(rule, view.mesh)
  if (host === undefined) return {}
  const routings = leadingTo(view, host)
  const hosts = (): readonly string[] =>
    host.startsWith('*')
      ? [
          ...new Set(
            routings
              .flatMap(routing => destinationHosts(view, routing))
              .filter(each => hostsMeet(each, host)),
          ),
        ]
      : [host]
  return { routings, others: () => [...view.find(destinationRulesByHost, host), ...behind(view, hosts())] }
}

/** Those bound to it, and those bound to a gateway without a selector: it is for the proxies of all. */
function byGateway(view: ClusterView, gateway: Gateway): Touched {
  return { routings: [gateway, ...view.find(gatewaysBySelector, '')].flatMap(each => boundTo(view, each)) }
}

const boundTo = (view: ClusterView, gateway: Gateway): readonly VirtualService[] =>
  view.find(virtualServicesByGateway, `${namespaceOf(gateway)}/${gateway.metadata.name}`)

function byService(view: ClusterView, service: Service): Touched {
  const provider = providerOfService(service)
  const hosts = [hostOfService(service, view.mesh.clusterDomain)]
  const others = [...workloadsOf(view, service), ...routesOfService(view, service)]
  return byProvider(view, hosts, { provider, others })
}

function byProvider(
  view: ClusterView,
  hosts: readonly string[],
  { provider, others }: { readonly provider: HostProvider; readonly others: readonly KubeObject[] },
): Touched {
  const onPort80 = flipsListenerOn80(view, provider) ? view.find(virtualServicesByGateway, 'mesh') : []
  // Routes for an ExternalName need somebody else's listener.
  const aliases = listenersOf(provider)
    .flatMap(port => view.find(aliasesByPort, String(port)))
    .map(service => hostOfService(service, view.mesh.clusterDomain))
  return {
    routings: [
      ...[...hosts, ...aliases].flatMap(host => concernedBy(view, host)),
      ...onPort80,
      ...listeningBy(view, provider, hosts),
    ],
    others: () => [
      ...others,
      ...routesTo(
        view,
        hosts.flatMap(host => view.find(servicesByTarget, host)),
      ),
      ...hosts.flatMap(host => [
        ...view.find(destinationRulesByIntendedHost, host),
        ...view.find(destinationRulesByHost, host),
      ]),
    ],
  }
}

/** What is exported to it; the labels of the root namespace may say which network all pods are in. */
function byNamespace(view: ClusterView, { metadata }: Namespace): Touched {
  const { name, labels } = metadata
  const others = (): readonly KubeObject[] => [
    ...view.find(destinationRulesByClient, name),
    ...view.find(serviceEntriesByClient, name),
    ...routesOfNamespace(view, name),
  ]
  return labels?.[networkLabel] === undefined
    ? { routings: view.find(virtualServicesByClient, name), others }
    : { routings: view.list('VirtualService'), others }
}

/** Those that lead to a Service of which the addresses change. */
const byAddresses = (view: ClusterView, object: KubeObject, service: string | undefined): Touched =>
  service === undefined
    ? {}
    : {
        routings: leadingToService(view, namespaceOf(object), service),
        others: () => routesToNamed(view, `${namespaceOf(object)}/${service}`),
      }

const leadingToService = (view: ClusterView, namespace: string, name: string): readonly VirtualService[] =>
  leadingTo(view, `${name}.${namespace}.svc.${view.mesh.clusterDomain}`)

/** Those that lead to it by a Service or ServiceEntry, and those whose gateway it runs. */
function byWorkload(view: ClusterView, object: KubeObject): Touched {
  const namespace = namespaceOf(object)
  const borrowers = view.find(rolloutsByTemplate, keyOf(refOf(object)))
  const pairs = new Set(
    [object, ...borrowers]
      .flatMap(each => backingVariants(view, each).flatMap(({ labels }) => Object.entries(labels)))
      .map(([key, value]) => `${key}=${value}`),
  )
  const services = [...pairs].flatMap(pair => view.find(servicesBySelector, `${namespace}/${pair}`))
  const entries = [...pairs].flatMap(pair => view.find(serviceEntriesBySelector, `${namespace}/${pair}`))
  const gateways = [...pairs].flatMap(pair => view.find(gatewaysBySelector, pair))
  const slices = isKind('Pod', object)
    ? view.find(endpointSlicesByPod, `${namespace}/${object.metadata.name}`)
    : []
  return {
    routings: [
      ...[
        ...services.map(service => hostOfService(service, view.mesh.clusterDomain)),
        ...entries.flatMap(hostsOfEntry),
      ].flatMap(host => leadingTo(view, host)),
      // A gateway without a selector is for the proxies of all.
      ...[...gateways, ...(gateways.length === 0 ? [] : view.find(gatewaysBySelector, ''))].flatMap(gateway =>
        boundTo(view, gateway),
      ),
      ...slices.flatMap(slice => leadingToService(view, namespace, serviceOfSlice(slice) ?? '')),
    ],
    others: () => [...borrowers, ...routesTo(view, services), ...routesBySlices(view, slices)],
  }
}
