import { serviceOfHost } from '../objects/hosts.ts'
import type { Decision, RouteRef } from '../routing/request/decision.ts'
import type { Request } from '../routing/request/request.ts'
import type { Following, NamedDestination, UnseenGateway } from '../routing/request/request-routing.ts'
import type { Rejection } from '../routing/traffic.ts'
import { authorityOf, portOf, type AskedRequest } from './asked-request.ts'
import { callerKey, callersOf, workloadOf, type TrialCaller } from './caller.ts'
import { shareOf, sharesOf, type TrialShare, type TrialWorld } from './trial-share.ts'

export type { TrialShare, TrialWorld } from './trial-share.ts'

/** One request, and what happens to it. */
export interface Trial {
  readonly asked: AskedRequest
  readonly caller: TrialCaller
  readonly request: Request
  readonly decision: Decision
  /** They add up to 100, except for a request that leaves the mesh. */
  readonly shares: readonly TrialShare[]
  readonly mirrors: readonly TrialShare[]
  /** The cohort whose route decided. */
  readonly cohort?: string
  /** Why the routes do not decide: the caller has no proxy that reads them. */
  readonly bypass?: Extract<Following, 'no-sidecar' | 'no-waypoint'>
  /** The waypoint of the service decides: conditions on the caller are read as of the waypoint, which is not modelled. */
  readonly isAtWaypoint?: true
  /** Routes for the host at gateways that are not in view, where the request reaches nothing else. */
  readonly unseen?: readonly UnseenGateway[]
  /** The host is the name of a Service that is not in view, and not all that there is is in view. */
  readonly isServiceUnknown?: true
  /** The object whose route decides is refused in files: what is said is as written. Set by who judges the objects. */
  readonly rejected?: Rejection
  /** The ports that the host or the gateway has, where it does not listen on the one asked. */
  readonly ports?: readonly number[]
}

/** Whether what is in view does not say what the request reaches. */
export const isUndecided = ({ unseen, isServiceUnknown, decision }: Trial): boolean =>
  unseen !== undefined || isServiceUnknown === true || decision.unknownWeight !== undefined

/**
 * What happens to a request, once for each caller that is decided otherwise. Throws a CanaryError where a caller or
 * gateway that it names is not there.
 */
export function tryRequest(world: TrialWorld, asked: AskedRequest): readonly Trial[] {
  const { view, provider, namespace } = world
  const callers = callersOf({ view, provider, asked, namespace })
  const distinct = new Map(callers.map(caller => [callerKey(caller), caller]))
  return [...distinct.values()].map(caller => trialOf(world, asked, caller))
}

/** What happens to the request of another trial in this world, from the same caller, whether or not it is there. */
export const tryAgain = (world: TrialWorld, { asked, caller }: Trial): Trial => trialOf(world, asked, caller)

function trialOf(world: TrialWorld, asked: AskedRequest, caller: TrialCaller): Trial {
  const { view, provider, regex, complete } = world
  const { method, path, query, headers, claims, scheme } = asked
  const request: Request = {
    caller: caller.proxy,
    host: authorityOf(asked),
    port: portOf(asked),
    tls: scheme === 'https',
    method,
    path,
    headers,
    ...(query !== undefined && { query }),
    ...(claims !== undefined && { claims }),
  }
  const decision = provider.route(view, request, { regex, complete })
  const cohort = cohortOf(world, decision.route)
  const following = followingOf(world, asked, caller)
  const bypass = bypassOf(asked, following)
  return {
    asked,
    caller,
    request,
    decision,
    shares: bypass === undefined ? sharesOf(world, decision) : bypass.shares,
    mirrors: bypass === undefined ? decision.mirrors.map(mirror => shareOf(world, mirror, false)) : [],
    ...(cohort !== undefined && bypass === undefined && { cohort }),
    ...(bypass !== undefined && { bypass: bypass.because }),
    ...(following?.how === 'waypoint' && { isAtWaypoint: true as const }),
    ...(isUnheard(decision) && unheardOf(world, { asked, caller, decision })),
  }
}

/** What is known of a request that nothing takes. */
function unheardOf(
  world: TrialWorld,
  { asked, caller, decision }: Pick<Trial, 'asked' | 'caller' | 'decision'>,
): Pick<Trial, 'ports' | 'unseen' | 'isServiceUnknown'> {
  const ports = portsFor(world, asked, caller)
  const unseen = isAssumed(asked) ? unseenFor(world, asked) : []
  const isServiceUnknown =
    decision.isPassedThrough && !world.complete && ports.length === 0 && unseen.length === 0
  return {
    ...(ports.length > 0 && { ports }),
    ...(unseen.length > 0 && { unseen }),
    ...(isServiceUnknown && isServiceName(world, asked) && { isServiceUnknown }),
  }
}

/** A host without dots is a Service's name in the namespace of the caller. */
const isServiceName = ({ view: { mesh } }: TrialWorld, { host }: AskedRequest): boolean =>
  !/[.:]/.test(host) || serviceOfHost(host, mesh.clusterDomain) !== undefined

/** Nobody said who sends it. */
const isAssumed = ({ via, from }: AskedRequest): boolean => via === undefined && from === undefined

const unseenFor = ({ view, provider }: TrialWorld, { host }: AskedRequest): readonly UnseenGateway[] =>
  provider.unseenGateways?.(view, host) ?? []

/** Nothing listens for it, it leaves the mesh, or nothing knows its host. */
const isUnheard = ({ isPassedThrough, reason }: Decision): boolean =>
  isPassedThrough || reason === 'no-listener' || reason === 'no-host'

/** The ports of the gateway or the host, where the one that was asked is not among them. */
function portsFor(
  { view, provider }: TrialWorld,
  asked: AskedRequest,
  { gateway, proxy }: TrialCaller,
): readonly number[] {
  const open =
    gateway === undefined
      ? (provider.meantBy(view, asked.host, proxy.namespace)?.ports ?? [])
      : (provider.gatewayNamed(view, gateway)?.ports ?? []).map(({ number }) => number)
  return open.includes(portOf(asked)) ? [] : [...new Set(open)]
}

interface BypassedRoutes {
  readonly because: NonNullable<Trial['bypass']>
  readonly shares: readonly TrialShare[]
}

/** The service that a caller in the mesh means, and whether its requests follow the routes. */
interface FollowedRoutes {
  readonly how: Following
  readonly host: string
  readonly ports: readonly number[]
  readonly whole: NamedDestination
}

function followingOf(
  world: TrialWorld,
  asked: AskedRequest,
  caller: TrialCaller,
): FollowedRoutes | undefined {
  const { view, provider } = world
  const { namespace } = caller.proxy
  const meant = caller.gateway === undefined ? provider.meantBy(view, asked.host, namespace) : undefined
  if (meant === undefined) return undefined
  const { host, ports } = meant
  const whole = provider.named(view, { host, subset: undefined }, world)
  const how = provider.follows(view, { namespace, workload: workloadOf(view, caller) }, whole)
  return { how, host, ports, whole }
}

/** Where a caller without a proxy that reads routes goes past them: to whatever pod of the service comes next. */
function bypassOf(asked: AskedRequest, followed: FollowedRoutes | undefined): BypassedRoutes | undefined {
  if (followed === undefined) return undefined
  const { how: because, host, ports, whole } = followed
  if (because !== 'no-sidecar' && because !== 'no-waypoint') return undefined
  const port = portOf(asked)
  return {
    because,
    shares: ports.includes(port) ? [{ ...whole, host, port, percent: 100 }] : [],
  }
}

/** The cohort whose route it is. */
const cohortOf = ({ view, provider }: TrialWorld, route: RouteRef | undefined): string | undefined =>
  route === undefined || (route.name ?? route.key) === undefined
    ? undefined
    : provider
        .cohorts(view, '*')
        .find(
          ({ object, routes }) =>
            object.namespace === route.object.namespace
            && object.name === route.object.name
            && routes.some(
              name => route.key === name || route.name === name || route.name?.startsWith(`${name}.`),
            ),
        )?.name
