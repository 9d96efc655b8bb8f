import { CanaryError } from '../../../objects/canary-error.ts'
import type { BackendRef, RouteRule, ServiceRoute } from '../../../objects/gateway-api.ts'
import { namespaceOf } from '../../../objects/kube-object.ts'
import { fieldsOf, itemsOf, numberOf, textOf } from '../../../objects/unchecked.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { serviceOf } from '../../../workloads/version-services.ts'
import type { RoutedRule } from '../read/rules/routed-rules.ts'
import { keyOfHost } from '../read/services/service-hosts.ts'
import { weightOf } from '../resolve/routes.ts'
import { whereIs } from './scope.ts'

/** A part of a rule's requests, for the Service of a version. */
export interface HostShare {
  readonly host: string
  /** In whole percent. */
  readonly percent: number
}

/**
 * The backends of a rule for some shares: those that are there stay with their fields and in their order, others are
 * written as the first that leads to the service. Several get their percent as weights; one alone has no weight,
 * unless it had one before the canary. With `keepsIdle`, backends that get nothing stay with weight 0. Throws a CanaryError `refused` where the rule also leads elsewhere.
 */
export function backendsFor(
  view: ClusterView,
  base: RoutedRule,
  { shares, before, keepsIdle = false }: WantedBackends,
): readonly BackendRef[] {
  requireOwn(base)
  const taking = shares.filter(({ percent }) => percent > 0)
  const idle = keepsIdle ? hostsIn(base).filter(host => taking.every(each => each.host !== host)) : []
  const wanted = [...taking, ...idle.map(host => ({ host, percent: 0 }))]
  const kept = base.parts.flatMap(({ host, backend }) => {
    const share = wanted.find(each => each.host === host)
    return share === undefined ? [] : [{ share, backend }]
  })
  const first = new Map(kept.map(each => [each.share.host, each]))
  const added = wanted
    .filter(({ host }) => !first.has(host))
    .map(share => ({ share, backend: backendAt(view, base, share.host) }))
  const all = [...first.values(), ...added]
  const [lone, ...others] = all
  if (lone !== undefined && others.length === 0) return [loneBackend(base, lone.backend, before)]
  return all.map(({ share, backend }) => ({ ...backend, weight: share.percent }))
}

/** How a rule's requests are to be shared, and what the rule was before the canary. */
interface WantedBackends {
  readonly shares: readonly HostShare[]
  readonly before?: readonly BackendRef[] | undefined
  readonly keepsIdle?: boolean
}

const hostsIn = ({ parts }: RoutedRule): readonly string[] => [
  ...new Set(parts.flatMap(({ host }) => host ?? [])),
]

/** Throws a CanaryError `refused` where a rule shares its requests with something else than the service. */
export function requireOwn(base: RoutedRule): void {
  const others = base.parts.filter(({ isOwn }) => !isOwn)
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
  { parts }: RoutedRule,
  backend: BackendRef,
  before: readonly BackendRef[] | undefined,
): BackendRef {
  const { weight: _, ...rest } = backend
  const now = parts.map(part => part.backend)
  const list = before ?? now
  const isIt = (each: BackendRef): boolean =>
    each.name === backend.name && each.namespace === backend.namespace
  const isAloneIn = (all: readonly BackendRef[]): boolean =>
    all.some(isIt) && all.every(each => isIt(each) === weightOf(each) > 0)
  if (isAloneIn(now)) return backend
  const original = list.find(isIt)
  if (original?.weight === undefined) return rest
  return { ...rest, weight: isAloneIn(list) ? original.weight : 100 }
}

/** A backend for the Service of a host, with the fields of one that the rule has. */
function backendAt(view: ClusterView, base: RoutedRule, host: string): BackendRef {
  const template = base.parts.find(({ isOwn }) => isOwn)!
  const { name, namespace } = keyOfHost(view, host)!
  const { name: _n, namespace: _s, weight: _w, port: said, ...fields } = template.backend
  const port = portAt(view, base, { host, template: template.host, said: numberOf(said) })
  return {
    ...fields,
    name,
    ...(namespace !== namespaceOf(base.route) && { namespace }),
    ...(port !== undefined && { port }),
  }
}

interface PortQuestion {
  readonly host: string
  readonly template: string | undefined
  readonly said: number | undefined
}

/**
 * The port of a version's Service that stands for the one that another backend names: the same number, else the same
 * name, else the only one. Throws a CanaryError `refused` where none does.
 */
function portAt(
  view: ClusterView,
  base: RoutedRule,
  { host, template, said }: PortQuestion,
): number | undefined {
  const ports = portsOf(view, host)
  if (ports.length === 0 || (said !== undefined && ports.some(({ port }) => port === said))) return said
  const name =
    template === undefined ? undefined : portsOf(view, template).find(({ port }) => port === said)?.name
  const named = name === undefined ? undefined : ports.find(each => each.name === name)
  const found = named ?? (ports.length === 1 ? ports[0] : undefined)
  if (found !== undefined) return found.port
  throw new CanaryError(
    'refused',
    `Service ${host.split('.')[0]} has no port ${said ?? ''}, which ${whereIs(base)} names`,
    { hints: [`Give it the ports of the other versions: kubectl edit service ${host.split('.')[0]}`] },
  )
}

interface NumberedPort {
  readonly port: number
  readonly name: string | undefined
}

const portsOf = (view: ClusterView, host: string): readonly NumberedPort[] =>
  itemsOf(fieldsOf(serviceOf(view, host)?.spec)['ports'])
    .map(fieldsOf)
    .flatMap(({ port, name }) => {
      const number = numberOf(port)
      return number === undefined ? [] : [{ port: number, name: textOf(name) }]
    })

/** The route with other rules. */
export const withRules = (route: ServiceRoute, rules: readonly RouteRule[]): ServiceRoute => ({
  ...route,
  spec: { ...route.spec, rules },
})
