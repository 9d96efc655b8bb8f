import { expandHost, serviceOfHost } from '../../../objects/hosts.ts'
import type { VirtualService } from '../../../objects/virtual-service.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import type { Provider } from './objects/providers.ts'
import { routingOf, type Route, type Section, type Target } from './objects/routes.ts'
import { once } from '../../../view/session.ts'
import { sidecarClients, type Client } from './clients.ts'
import { delegatedRoutes, rootsOf } from './delegates.ts'
import { ruleFor, type MergedRule } from './destination-rules.ts'
import { selectedBy, type Selected } from './endpoints.ts'
import { bindingsOf, gatewayClients, gatewayUse, isProxyOf, type Binding } from './gateways.ts'
import { hostsOf, type Application, type LostHost } from './mesh.ts'
import { portOn, providerIn, providersOn } from './mesh/scope.ts'
import { scopeOf } from './mesh/sidecars.ts'
import { meshUse } from './mesh/use.ts'
import { providerForGateway, providersAt } from './registry.ts'

/** What a proxy finds where a route leads: its cluster, or why there is none. */
export interface Outcome {
  /** `assumed`: nothing in view says otherwise, and the input is not the whole world. */
  readonly found: 'cluster' | 'assumed' | 'no-host' | 'no-rule' | 'no-subset' | 'no-port'
  readonly client: Client
  /** What is called: the host, or what an ExternalName of that host stands for. */
  readonly host: string
  readonly port: number | undefined
  readonly provider: Provider | undefined
  readonly rule: MergedRule | undefined
  /** Asked for when it matters; undefined where the input does not tell, and without a cluster. */
  readonly endpoints: () => Selected | undefined
}

/** One destination or mirror, and what becomes of it for everybody who comes that way. */
export interface Reference {
  readonly route: Route
  readonly target: Target
  /** Expanded. */
  readonly host: string
  /** Why no traffic comes here, if none does. */
  readonly idle: 'no-share' | 'unreachable' | 'unused' | undefined
  /** For each client and port that comes here; for an idle one, those that would. */
  readonly outcomes: readonly Outcome[]
}

/** A VirtualService as the mesh reads it. */
export interface Evaluation {
  readonly references: readonly Reference[]
  readonly applications: readonly Application[]
  readonly lost: readonly LostHost[]
  readonly bindings: readonly Binding[]
  /** A delegate: what it says is judged where it is delegated from. */
  readonly isDelegated: boolean
  /** Nobody uses it because something that it names is not there: its hosts, a gateway, one that delegates to it. */
  readonly isWaiting: boolean
}

/** Whether what is not in view does not exist. */
export interface Completeness {
  readonly complete: boolean
}

const [whole, partial] = [{}, {}]

/** Reads a VirtualService as every client does that can differ from the others; derived once per session. */
export function evaluate(view: ClusterView, object: VirtualService, { complete }: Completeness): Evaluation {
  return once(view, complete ? whole : partial, object, () => {
    const routing = routingOf(object)
    const { routes } = delegatedRoutes(view, object)
    const isDelegate = routing.hosts.length === 0
    const isDelegated = isDelegate && rootsOf(view, object).length > 0
    const sidecars =
      isDelegate || routing.gateways.includes('mesh') ? sidecarClients(view, object, routes) : []
    const bindings = isDelegate ? [] : bindingsOf(view, object)
    const mesh = isDelegate ? [] : sidecars.map(client => meshUse(view, object, { client, complete }))
    const proxies = bindings.flatMap(binding =>
      gatewayClients(view, binding.name).map(client => ({ client, binding })),
    )
    const applications = [
      ...mesh.flatMap(use => use.applications).filter(({ isStray }) => !isStray),
      ...proxies.flatMap(({ client, binding }) => gatewayUse(view, object, { client, binding, complete })),
    ]
    const wouldBe = [...sidecars, ...proxies.map(({ client }) => client)]
    const asking = { view, complete, applications, wouldBe }
    const isWaiting =
      applications.length === 0
      && (isDelegate
        || bindings.some(({ gateway }) => gateway === undefined)
        || hostsOf(view, object).some(host => !host.startsWith('*') && providersAt(view, host).length === 0))
    return {
      references: isDelegated ? [] : referencesOf(asking, routes),
      applications,
      lost: mesh.flatMap(use => use.lost),
      bindings,
      isDelegated,
      isWaiting,
    }
  })
}

interface Asking {
  readonly view: ClusterView
  readonly complete: boolean
  readonly applications: readonly Application[]
  readonly wouldBe: readonly Client[]
}

function referencesOf(asking: Asking, routes: readonly Route[]): readonly Reference[] {
  const { view, complete, applications, wouldBe } = asking
  const users = Map.groupBy(
    applications.flatMap(application => application.routes.map(route => ({ application, route }))),
    ({ route }) => route,
  )
  const unusedBy = (section: Section): readonly Asker[] =>
    wouldBe.map(client => ({ client, gateway: '', section, port: undefined }))
  const unused = { http: unusedBy('http'), tcp: unusedBy('tcp'), tls: unusedBy('tls') }
  const outcomesOf = outcomesOnce(view, complete)
  return routes.flatMap(route => {
    const used = users.get(route) ?? []
    return route.targets.map(target => {
      const host = expandHost(target.host, target.namespace, view.mesh.clusterDomain)
      const idle =
        applications.length === 0
          ? 'unused'
          : used.length === 0
            ? 'unreachable'
            : target.hasShare
              ? undefined
              : 'no-share'
      const askers =
        idle === undefined || used.length > 0
          ? used.map(({ application }) => application)
          : unused[route.section]
      return { route, target, host, idle, outcomes: outcomesOf(target, host, askers) }
    })
  })
}

/** What becomes of a destination, found once for each that asks: many routes of a large object lead to the same few. */
function outcomesOnce(
  view: ClusterView,
  complete: boolean,
): (target: Target, host: string, askers: readonly Asker[]) => readonly Outcome[] {
  const known = new Map<string, Map<Asker, Outcome>>()
  return (target, host, askers) => {
    const key = JSON.stringify([host, target.namespace, target.subset, target.port])
    let outcomes = known.get(key)
    if (outcomes === undefined) known.set(key, (outcomes = new Map()))
    return askers.map(application => {
      const outcome = outcomes.get(application) ?? outcomeOf(view, { target, host, application, complete })
      outcomes.set(application, outcome)
      return outcome
    })
  }
}

type Asker = Pick<Application, 'client' | 'gateway' | 'section' | 'port' | 'within'>

interface Question extends Completeness {
  readonly target: Target
  readonly host: string
  readonly application: Asker
}

function outcomeOf(view: ClusterView, { target, host, application, complete }: Question): Outcome {
  const { client, section } = application
  const named = namedBy(view, host, application)
  const actual = named?.form === 'alias' ? named.target! : host
  const provider = named?.form === 'alias' ? knownTo(view, actual, client) : named
  // In the mesh an http route only knows the listener's own port; elsewhere a Service with one port lends it.
  const lends =
    (client.isGateway || section !== 'http' || application.port === 0) && named?.ports.length === 1
  const port = target.port ?? (lends ? named.ports[0]!.port : application.port)
  const base = { client, host: actual, port, provider, rule: undefined, endpoints: () => undefined }
  const isAssumed = provider === undefined && !complete && providersAt(view, actual).length === 0
  if (provider?.form === 'alias' || (provider === undefined && !isAssumed))
    return { ...base, found: 'no-host' }
  const owner =
    provider?.namespace ?? serviceOfHost(actual, view.mesh.clusterDomain)?.namespace ?? target.namespace
  const rule =
    target.subset === undefined ? undefined : ruleFor(view, { host: actual, namespace: owner }, client)
  const labels = target.subset === undefined ? {} : rule?.subsets.get(target.subset)
  if (labels === undefined) return { ...base, rule, found: rule === undefined ? 'no-rule' : 'no-subset' }
  if (provider === undefined) return { ...base, rule, found: 'assumed' }
  if (
    port !== undefined
    && !provider.ports.some(offered => offered.port === port && offered.protocol !== 'UDP')
  )
    return { ...base, rule, found: 'no-port' }
  return {
    ...base,
    rule,
    found: 'cluster',
    endpoints: () =>
      isOpen(provider, client) ? undefined : endpointsOf(view, provider, { labels, complete }),
  }
}

/** What a host is to a proxy. */
const knownTo = (view: ClusterView, host: string, client: Client): Provider | undefined =>
  client.isGateway
    ? providerForGateway(view, host, client.namespace)
    : providerIn(view, scopeOf(view, client), host)

/** What a route takes a host to be: in the mesh an http route knows an ExternalName only by the port of its listener. */
function namedBy(
  view: ClusterView,
  host: string,
  { client, section, port, within }: Asker,
): Provider | undefined {
  const known = knownTo(view, host, client)
  if (section !== 'http' || within === undefined || port === undefined) return known
  const asking = { scope: scopeOf(view, client), listener: within }
  const beside =
    port === 0 ? providersOn(view, asking, host).at(-1) : portOn(view, asking, { host, port })?.provider
  if (beside?.form === 'alias') return beside
  return known?.form === 'alias' ? undefined : known
}

/** Sidecars let any address of a headless Service through; gateways know those that there are. */
const isOpen = ({ form }: Provider, { isGateway }: Client): boolean =>
  form === 'passthrough' || (form === 'headless' && !isGateway)

const endpointsOf = (
  view: ClusterView,
  provider: Provider,
  asked: Parameters<typeof selectedBy>[2],
): Selected | undefined => once(view, provider, asked.labels, () => selectedBy(view, provider, asked))

/** What one route of one VirtualService leads to in one proxy, in the terms of the proxy's own configuration. */
export interface ProxyReference {
  readonly host: string
  readonly subset: string | undefined
  readonly port: number | undefined
  readonly isMirror: boolean
  readonly weight: number | undefined
  readonly hasCluster: boolean
  /** -1 for a cluster that takes any address; undefined where the input does not tell. */
  readonly endpoints: number | undefined
}

/** Everything that a VirtualService brings into the configuration of one proxy, as Istio's generator would write it. */
export function referencesIn(
  view: ClusterView,
  object: VirtualService,
  proxy: Client,
): readonly ProxyReference[] {
  if (hostsOf(view, object).length === 0) return []
  const isBound = proxy.isGateway || routingOf(object).gateways.includes('mesh')
  const applications = !isBound
    ? []
    : proxy.isGateway
      ? bindingsOf(view, object)
          .filter(({ name }) => isProxyOf(view, name, proxy.labels))
          .flatMap(binding => gatewayUse(view, object, { client: proxy, binding, complete: true }))
      : meshUse(view, object, { client: proxy, complete: true, withStrays: true }).applications
  return applications.flatMap(application =>
    application.routes.flatMap(route =>
      route.targets
        .filter(({ hasShare }) => hasShare)
        .map(target => {
          const asked = expandHost(target.host, target.namespace, view.mesh.clusterDomain)
          const { found, host, port, provider, endpoints } = outcomeOf(view, {
            target,
            host: asked,
            application,
            complete: true,
          })
          const isMissing = provider?.form === 'dns' && endpoints()?.running === 0
          const isWhole = provider !== undefined && isOpen(provider, proxy)
          return {
            host,
            subset: target.subset,
            port,
            isMirror: target.isMirror,
            weight:
              route.targets.filter(({ isMirror }) => !isMirror).length > 1 && !target.isMirror
                ? target.weight
                : undefined,
            hasCluster: found === 'cluster' && !isMissing,
            endpoints: found !== 'cluster' ? 0 : isWhole ? -1 : endpoints()?.running,
          }
        }),
    ),
  )
}
