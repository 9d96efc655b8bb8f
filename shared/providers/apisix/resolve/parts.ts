import type { ApisixBackend, ApisixRoute, ApisixRule } from '../../../objects/apisix/apisix-route.ts'
import type { Service } from '../../../objects/core.ts'
import { serviceHost } from '../../../objects/hosts.ts'
import { namespaceOf } from '../../../objects/kube-object.ts'
import { fieldsOf, itemsOf, textOf } from '../../../objects/unchecked.ts'
import type { Completeness } from '../../../routing/service.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { backendsOf, weightOf } from './rules.ts'

/** Why a backend or upstream is skipped: there is no such Service or ApisixUpstream, or the Service has no such port. */
export type SkippedFor = 'BackendNotFound' | 'PortNotFound' | 'UpstreamNotFound'

/** What part of a rule's requests one of its backends or upstreams gets. */
export interface SharedPart {
  /** Undefined for an ApisixUpstream. */
  readonly backend: ApisixBackend | undefined
  /** `ApisixUpstream NAME`, or the name of the Service. */
  readonly name: string
  /** The host of its Service; undefined for an ApisixUpstream. */
  readonly host: string | undefined
  readonly weight: number
  /** In percent, as it is carried out; 0 of what is skipped. */
  readonly percent: number
  readonly skipped: SkippedFor | undefined
}

/**
 * What each backend and upstream of a rule gets. Those that are missing are skipped and the others share everything; of
 * one alone the weight does not count (translator/apisixroute.go, buildUpstream; the controller before 2.0 carries a route
 * with a missing backend out in no part). Where all have 0, the balancer takes 0 for the highest weight and so all of them
 * in turn (lua-resty-balancer, lib/resty/roundrobin.lua, find). In files what is absent may be elsewhere.
 */
export function partsOf(
  view: ClusterView,
  route: ApisixRoute,
  { rule, complete }: Completeness & { readonly rule: ApisixRule },
): readonly SharedPart[] {
  const services = backendsOf(rule).map(backend => backendPart(view, route, { backend, complete }))
  const upstreams = itemsOf(rule.upstreams)
    .map(fieldsOf)
    .map(upstream => upstreamPart(view, route, { upstream, complete }))
  const all = [...services, ...upstreams]
  const valid = all.filter(({ skipped }) => skipped === undefined)
  const total = valid.reduce((sum, { weight }) => sum + weight, 0)
  const percentOf = (part: (typeof all)[number]): number => {
    if (part.skipped !== undefined) return 0
    return total === 0 || valid.length === 1 ? 100 / valid.length : (part.weight * 100) / total
  }
  return all.map(part => ({ ...part, percent: percentOf(part) }))
}

function backendPart(
  view: ClusterView,
  route: ApisixRoute,
  { backend, complete }: Completeness & { readonly backend: ApisixBackend },
): Omit<SharedPart, 'percent'> {
  const [namespace, name] = [namespaceOf(route), textOf(backend.serviceName) ?? '']
  const service = view.get({ kind: 'Service', namespace, name })
  return {
    backend,
    name,
    host: serviceHost(name, namespace, view.mesh.clusterDomain),
    weight: weightOf(backend),
    skipped: skippedFor(backend, service, complete && !view.unread.has('Service')),
  }
}

function upstreamPart(
  view: ClusterView,
  route: ApisixRoute,
  { upstream, complete }: Completeness & { readonly upstream: Readonly<Record<string, unknown>> },
): Omit<SharedPart, 'percent'> {
  const name = textOf(upstream['name']) ?? ''
  const isThere = view.get({ kind: 'ApisixUpstream', namespace: namespaceOf(route), name }) !== undefined
  const isSure = complete && !view.unread.has('ApisixUpstream')
  return {
    backend: undefined,
    name: `ApisixUpstream ${name}`,
    host: undefined,
    weight: weightOf(upstream),
    skipped: isThere || !isSure ? undefined : 'UpstreamNotFound',
  }
}

function skippedFor(
  { servicePort }: ApisixBackend,
  service: Service | undefined,
  isSure: boolean,
): SkippedFor | undefined {
  if (service === undefined) return isSure ? 'BackendNotFound' : undefined
  if (fieldsOf(service.spec)['type'] === 'ExternalName') return undefined
  const ports = itemsOf(fieldsOf(service.spec)['ports']).map(fieldsOf)
  return ports.some(({ port, name }) => port === servicePort || (name === servicePort && name !== undefined))
    ? undefined
    : 'PortNotFound'
}

/** A Service that is named by two backends of a rule: controllers since 2.0 refuse the whole route. */
export function doubledService(rule: ApisixRule): string | undefined {
  const names = backendsOf(rule).map(({ serviceName }) => textOf(serviceName) ?? '')
  return names.find((name, i) => names.indexOf(name) !== i)
}
