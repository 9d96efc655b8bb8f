import { CanaryError } from '../../../../objects/canary-error.ts'
import type { BackendRef, RouteRule, ServiceRoute } from '../../../../objects/gateway-api.ts'
import { namespaceOf } from '../../../../objects/kube-object.ts'
import { numberOf } from '../../../../objects/unchecked.ts'
import type { ClusterView } from '../../../../view/cluster-view.ts'
import { portFor } from '../../../../workloads/routes/version-port.ts'
import type { RoutedRule, RulePart } from '../../read/rules/routed-rules.ts'
import { hostOfBackend, keyOfHost } from '../../read/services/service-hosts.ts'
import { weightOf } from '../../resolve/routes.ts'
import { whereIs } from '../scope.ts'
import { proportionsOf, weighedBackends } from './proportions.ts'

/** A part of a rule's requests, for the Service of a version. */
export interface HostShare {
  readonly host: string
  /** In whole percent. */
  readonly percent: number
}

/**
 * The backends of a rule for some shares: those that are there stay with their fields and in their order, others are
 * written as they were before the canary, else as the first that leads to the service. Several get their percent as
 * weights, which the backends of one Service divide as before; one alone has no weight, unless it had one before the
 * canary. With `keepsIdle`, backends that get nothing stay with weight 0. Throws a CanaryError `refused` where the rule
 * also leads elsewhere.
 */
export function backendsFor(
  view: ClusterView,
  base: RoutedRule,
  { shares, before, keepsIdle = false, keepsOthers = false }: WantedBackends,
): readonly BackendRef[] {
  requireOwn(base)
  const taking = shares.filter(({ percent }) => percent > 0)
  const idle = keepsIdle ? hostsIn(base).filter(host => taking.every(each => each.host !== host)) : []
  const wanted = [...taking, ...idle.map(host => ({ host, percent: 0 }))]
  const left = keepsOthers ? base.parts.filter(({ isOwn }) => !isOwn).map(({ backend }) => backend) : []
  const [lone, ...others] = wanted
  if (lone !== undefined && others.length === 0 && hasAll(base, lone.host))
    return base.parts.flatMap(({ host, backend }) =>
      host === lone.host || left.includes(backend) ? [backend] : [],
    )
  const now = base.parts.map(({ backend }) => backend)
  const all = wanted.map(({ host, percent }) => {
    const own = backendsIn(base, host)
    const backends = own.length > 0 ? own : addedBackends(view, base, { host, before })
    return { percent, backends: proportionsOf(backends, before) }
  })
  const placeOf = (backend: BackendRef): number => (now.includes(backend) ? now.indexOf(backend) : now.length)
  return [
    ...dividedBackends(view, base, { all, before: before ?? now }),
    ...left.map(backend => ({ from: backend, backend })),
  ]
    .toSorted((one, other) => placeOf(one.from) - placeOf(other.from))
    .map(({ backend }) => backend)
}

/** A backend, and the one of the rule from which it is made. */
interface MadeBackend {
  readonly from: BackendRef
  readonly backend: BackendRef
}

interface DividedBackends {
  readonly all: Parameters<typeof weighedBackends>[0]
  readonly before: readonly BackendRef[]
}

/** Backends with the weights that divide the requests as they are wanted; one alone gets all. */
function dividedBackends(
  view: ClusterView,
  base: RoutedRule,
  { all, before }: DividedBackends,
): readonly MadeBackend[] {
  const [only, ...more] = all.flatMap(({ backends }) => backends)
  if (only !== undefined && more.length === 0)
    return [{ from: only.backend, backend: loneBackend(view, base, { backend: only.backend, before }) }]
  const weighed = weighedBackends(all)
  if (weighed === undefined) throw tooUneven(base)
  return weighed.map(({ backend, proportion }) => ({
    from: backend,
    backend: { ...backend, weight: proportion },
  }))
}

/** The backends of a rule that lead to a host, as they are written. */
const backendsIn = ({ parts }: RoutedRule, host: string): readonly BackendRef[] =>
  parts.filter(part => part.host === host).map(({ backend }) => backend)

/** Whether all requests of a rule go to a host. */
export const hasAll = ({ parts }: RoutedRule, host: string): boolean => {
  const taking = parts.filter(({ percent }) => percent > 0)
  return taking.length > 0 && taking.every(part => part.host === host)
}

const tooUneven = (base: RoutedRule): CanaryError =>
  new CanaryError(
    'refused',
    `${whereIs(base)} has several backends for one Service, whose weights cannot be divided by these shares: one would be more than 1000000`,
    {
      hints: [
        'Give these backends weights that are round numbers, such as 60 and 40, then repeat this command.',
      ],
    },
  )

/** How a rule's requests are to be shared, and what the rule was before the canary. */
interface WantedBackends {
  readonly shares: readonly HostShare[]
  readonly before?: readonly BackendRef[] | undefined
  readonly keepsIdle?: boolean
  /** Backends of other services, which get nothing, stay. */
  readonly keepsOthers?: boolean
}

const hostsIn = ({ parts }: RoutedRule): readonly string[] => [
  ...new Set(parts.flatMap(({ host, isOwn }) => (isOwn && host !== undefined ? [host] : []))),
]

/** Throws a CanaryError `refused` where a rule shares its requests with something else than the service. */
export function requireOwn(base: RoutedRule): void {
  const others = base.parts.filter(({ isOwn, percent }) => !isOwn && percent > 0)
  if (others.length === 0) return
  const names = others.map(({ backend }) => `${backend.kind ?? 'Service'} ${backend.name}`)
  throw new CanaryError(
    'refused',
    `${whereIs(base)} also sends requests to ${[...new Set(names)].join(', ')}, which is no version of the service`,
    { hints: ['Give these a rule of their own, or choose the routes to change with --route.'] },
  )
}

/**
 * A backend that gets everything: a proportion among none says nothing, but a weight of 0 would give it nothing. One
 * that had everything before keeps its weight: the API server writes 1 where there is none.
 */
function loneBackend(
  view: ClusterView,
  { route }: RoutedRule,
  { backend, before }: { readonly backend: BackendRef; readonly before: readonly BackendRef[] },
): BackendRef {
  const { weight: _, ...rest } = backend
  const host = hostOfBackend(view, route, backend)
  const isIt = (each: BackendRef): boolean => hostOfBackend(view, route, each) === host
  const original = before.find(isIt)
  if (original?.weight === undefined) return rest
  const hadAll = before.every(each => isIt(each) === weightOf(each) > 0)
  return { ...rest, weight: hadAll ? original.weight : 100 }
}

interface AddedBackends {
  readonly host: string
  readonly before: readonly BackendRef[] | undefined
}

/**
 * The backends for the Service of a host that a rule does not lead to: those from before the canary, else one for each of
 * the first Service that the rule has, with its fields.
 */
function addedBackends(
  view: ClusterView,
  base: RoutedRule,
  { host, before = [] }: AddedBackends,
): readonly BackendRef[] {
  const earlier = before.filter(backend => hostOfBackend(view, base.route, backend) === host)
  if (earlier.length > 0) return earlier
  const own = base.parts.filter(({ isOwn }) => isOwn)
  const templates = own.filter(part => part.host === own[0]!.host)
  const taking = templates.filter(({ percent }) => percent > 0)
  return (taking.length > 0 ? taking : templates).map(template => backendAt(view, base, { host, template }))
}

/** A backend for the Service of a host, with the fields of one that the rule has. */
function backendAt(
  view: ClusterView,
  base: RoutedRule,
  { host, template }: { readonly host: string; readonly template: RulePart },
): BackendRef {
  const { name, namespace } = keyOfHost(view, host)!
  const { namespace: _, ...fields } = template.backend
  const { port: said, ...portless } = fields
  const port = portFor(view, { host, template: template.host, said: numberOf(said), where: whereIs(base) })
  return {
    ...(port === undefined ? portless : { ...fields, port }),
    name,
    ...(namespace !== namespaceOf(base.route) && { namespace }),
  }
}

/** The route with other rules. */
export const withRules = (route: ServiceRoute, rules: readonly RouteRule[]): ServiceRoute => ({
  ...route,
  spec: { ...route.spec, rules },
})
