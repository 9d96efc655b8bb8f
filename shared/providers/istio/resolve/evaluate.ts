import { expandHost } from '../../../objects/hosts.ts'
import type { VirtualService } from '../../../objects/virtual-service.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { routingOf, type Route, type RouteSection, type RouteTarget } from './objects/routes.ts'
import { once } from '../../../view/session.ts'
import { sidecarClients, type Client } from './clients.ts'
import { delegatedRoutes, rootsOf } from './delegates.ts'
import { bindingsOf, gatewayClients, gatewayUse, type GatewayBinding } from './gateways.ts'
import { hostsOf, type Application, type LostHost } from './mesh.ts'
import { meshUse } from './mesh/use.ts'
import { outcomeOf, type Asker, type Completeness, type DestinationOutcome } from './outcome.ts'
import { providersAt } from './registry.ts'

export type { DestinationOutcome } from './outcome.ts'

/** One destination or mirror, and what everybody who comes that way finds there. */
export interface Reference {
  readonly route: Route
  readonly target: RouteTarget
  /** Expanded. */
  readonly host: string
  /** Why no traffic comes here, if none does. */
  readonly idle: 'no-share' | 'unreachable' | 'unused' | undefined
  /** For each client and port that comes here; for an idle one, those that would. */
  readonly outcomes: readonly DestinationOutcome[]
}

/** A VirtualService as the mesh reads it. */
export interface Evaluation {
  readonly references: readonly Reference[]
  readonly applications: readonly Application[]
  readonly lost: readonly LostHost[]
  readonly bindings: readonly GatewayBinding[]
  /** The sidecars that can differ in how they read it, for one that is for the mesh. */
  readonly sidecars: readonly Client[]
  /** A delegate: what it says is judged where it is delegated from. */
  readonly isDelegated: boolean
  /**
   * Nobody uses it because something that it names is not there: its hosts, a gateway, one that delegates to
   * it.
   */
  readonly isWaiting: boolean
}

const [whole, partial] = [{}, {}]

/** Reads a VirtualService as every client does that can differ from the others; derived once per session. */
export function evaluate(view: ClusterView, object: VirtualService, { complete }: Completeness): Evaluation {
  return once(view, [complete ? whole : partial, object], () => {
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
      sidecars,
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
  const unusedBy = (section: RouteSection): readonly Asker[] =>
    wouldBe.map(client => ({ client, gateway: '', section, port: undefined }))
  const unused = { http: unusedBy('http'), tcp: unusedBy('tcp'), tls: unusedBy('tls') }
  const isUnused = applications.length === 0
  const outcomesOf = outcomesOnce(view, complete)
  return routes.flatMap(route => {
    const used = users.get(route)?.map(({ application }) => application) ?? []
    const askers = used.length > 0 ? used : unused[route.section]
    return route.targets.map(target => {
      const host = expandHost(target.host, target.namespace, view.mesh.clusterDomain)
      const idle = isUnused ? 'unused' : idlenessOf(target, used)
      return { route, target, host, idle, outcomes: outcomesOf(target, host, askers) }
    })
  })
}

/** Why a destination of a VirtualService that somebody uses gets no traffic, if it gets none. */
function idlenessOf(target: RouteTarget, users: readonly Asker[]): Reference['idle'] {
  if (users.length === 0) return 'unreachable'
  return target.hasShare ? undefined : 'no-share'
}

/** What a destination asks for, as a key; `\n` is in no host and no name that an API server takes. */
const keyOfTarget = ({ namespace, subset, port }: RouteTarget, host: string): string =>
  host.includes('\n') || subset?.includes('\n')
    ? JSON.stringify([host, namespace, subset, port])
    : `${host}\n${namespace}\n${port ?? ''}\n${subset === undefined ? '' : `.${subset}`}`

/**
 * What a destination leads to, found once for each that asks: many routes of a large object lead to the same
 * few.
 */
function outcomesOnce(
  view: ClusterView,
  complete: boolean,
): (target: RouteTarget, host: string, askers: readonly Asker[]) => readonly DestinationOutcome[] {
  const known = new Map<string, Map<Asker, DestinationOutcome>>()
  return (target, host, askers) => {
    const key = keyOfTarget(target, host)
    let outcomes = known.get(key)
    if (outcomes === undefined) known.set(key, (outcomes = new Map()))
    return askers.map(asker => {
      const outcome = outcomes.get(asker) ?? outcomeOf(view, { target, host, asker, complete })
      outcomes.set(asker, outcome)
      return outcome
    })
  }
}
