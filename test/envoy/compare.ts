/** Envoy's answer to a request and our decision about it, in the same words. */
import { namespaceOf, type KubeObject } from '../../shared/objects/kube-object.ts'
import type { HttpRoute, VirtualService } from '../../shared/objects/virtual-service.ts'
import { normalizePath } from '../../shared/routing/request/normalize-path.ts'
import { route } from '../../shared/providers/istio/route/route.ts'
import type { Decision } from '../../shared/routing/request/decision.ts'
import type { Request } from '../../shared/routing/request/request.ts'
import type { ClusterView } from '../../shared/view/cluster-view.ts'
import { re2 } from '../routing/requests.ts'
import { echoClusters } from './bootstrap.ts'
import type { RawRequest, RawResponse } from './connection.ts'
import type { Client } from './istio/client.ts'
import { expandHost } from './istio/hosts.ts'
import { randomHeader } from './istio/route-action.ts'

/** What a request comes to. */
export interface Outcome {
  readonly kind: Decision['kind']
  readonly virtualService?: string
  /** By its name, `default` for one that Istio makes by itself. */
  readonly route?: string
  readonly status?: number
  readonly location?: string
  /** The one of the destinations that the request's random number leads to. */
  readonly destination?: string
  /** What it gets: the authority, and the path unless the route rewrites it. */
  readonly sent?: string
}

/** A request, whose it is, and what there is. */
export interface Asked {
  readonly objects: readonly KubeObject[]
  readonly client: Client
  readonly request: RawRequest
}

/** What Envoy did, by its answer. */
export function answerOf({ status, headers }: RawResponse, { objects }: Asked): Outcome {
  const { 'x-answer': answer, 'x-sent-path': path, 'x-sent-authority': authority, location } = headers
  const by = JSON.parse(answer ?? '{}') as Pick<Outcome, 'virtualService' | 'route'>
  if (location !== undefined) return { kind: 'redirect', ...by, status, location }
  if (answer === undefined) return { kind: 'none' }
  if (path === undefined) return { kind: 'direct', ...by, status }
  const http = routeIn(objects, by)
  const index = Math.max(0, echoClusters.indexOf(headers['x-sent-cluster'] ?? ''))
  return {
    kind: 'route',
    ...by,
    ...(http && { destination: destinationOf(http, index, by.virtualService!) }),
    sent: `${authority} ${rewritesPath(http) ? '' : path}`,
  }
}

function routeIn(
  objects: readonly KubeObject[],
  by: Pick<Outcome, 'virtualService' | 'route'>,
): HttpRoute | undefined {
  const owner = objects.find(
    (object): object is VirtualService =>
      object.kind === 'VirtualService'
      && `${namespaceOf(object)}/${object.metadata.name}` === by.virtualService,
  )
  return owner?.spec.http?.find(({ name }) => name === by.route?.split('.')[0])
}

function destinationOf({ route = [] }: HttpRoute, index: number, owner: string): string {
  const { host, subset = '' } = route[index]!.destination
  return `${expandHost(host, owner.split('/')[0]!)} ${subset}`
}

const rewritesPath = (http: HttpRoute | undefined): boolean => {
  const { rewrite = {} } = (http ?? {}) as { readonly rewrite?: object }
  return 'uri' in rewrite || 'uriRegexRewrite' in rewrite
}

/** Where we say that it goes. */
export function decide(view: ClusterView, asked: Asked): Outcome {
  const request = requestOf(asked)
  const decision = route(view, request, { regex: re2 })
  const { kind, status, redirect, rewrite, isPassedThrough } = decision
  if (kind === 'none' || isPassedThrough) return { kind: 'none' }
  const by = routeOf(decision)
  if (redirect) return { kind, ...by, status: redirect.code, location: locationOf(decision, request) }
  if (kind === 'direct') return { kind, ...by, status: status! }
  return {
    kind,
    ...by,
    ...(decision.route && { destination: chosenOf(decision, asked, by) }),
    sent: `${rewrite?.authority ?? request.host} ${(rewrite?.prefix ?? rewrite?.regex) ? '' : targetOf(request)}`,
  }
}

const targetOf = ({ path, query }: Request): string => normalizePath(path) + queryOf(query)

const queryOf = (query: string | undefined): string => (query === undefined ? '' : `?${query}`)

function routeOf({ kind, route }: Decision): Pick<Outcome, 'virtualService' | 'route'> {
  if (route)
    return { virtualService: `${route.owner.namespace}/${route.owner.name}`, route: route.name ?? '' }
  return kind === 'route' ? { route: 'default' } : {}
}

// Envoy takes the random number modulo the sum of the weights.
function chosenOf(
  { destinations }: Decision,
  { objects, request }: Asked,
  by: Pick<Outcome, 'virtualService' | 'route'>,
): string {
  const weights = (routeIn(objects, by)?.route ?? []).map(({ weight = 0 }) => weight)
  const total = weights.reduce((sum, weight) => sum + weight, 0) || 1
  const random = Number(request.headers.find(([name]) => name === randomHeader)?.[1] ?? 0)
  let left = ((random % total) + 0.5) * (100 / total)
  for (const { host, subset = '', percent } of destinations) {
    left -= percent
    if (left < 0) return `${host} ${subset}`
  }
  return 'none'
}

// Envoy writes what the redirect leaves out as the request had it.
function locationOf({ redirect, route }: Decision, request: Request): string {
  const { scheme, host, port = 0, path } = redirect!
  const own = request.tls ? 'https' : 'http'
  const target = path === undefined || path.includes('?') ? path : path + queryOf(request.query)
  // Any port gives way to another; but that of plain requests to a server that sends all to https stays.
  const asked = port ? request.host.replace(/:\d+$/, '') : withoutDefaultPort(request.host, own, scheme)
  const authority = route ? (host ?? asked) : request.host
  return `${scheme ?? own}://${authority}${port ? `:${port}` : ''}${target ?? targetOf(request)}`
}

// The default port goes with its scheme.
function withoutDefaultPort(host: string, own: string, scheme = own): string {
  const port = own === 'https' ? ':443' : ':80'
  return scheme !== own && host.endsWith(port) ? host.slice(0, -port.length) : host
}

/** A request as it is on the wire; the fragment, which clients do not send, is not part of it. */
function requestOf({ client, request: { method, target, headers } }: Asked): Request {
  const [path, query] = splitAtFirst(splitAtFirst(target, '#')[0], '?')
  const { host = '', ...others } = Object.fromEntries(headers.map(([name, value]) => [name, value.trim()]))
  const { isGateway, namespace, labels, port, isTls: tls } = client
  return {
    caller: { kind: isGateway ? 'gateway' : 'workload', namespace, labels },
    host,
    port,
    tls,
    method,
    path,
    headers: others,
    ...(query !== undefined && { query }),
  }
}

function splitAtFirst(text: string, mark: string): readonly [string, string?] {
  const at = text.indexOf(mark)
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)]
}
