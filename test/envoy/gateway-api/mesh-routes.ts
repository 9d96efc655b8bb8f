/**
 * Envoy's routes for a Service of the mesh, made of the documentation of the Gateway API and of nothing of ours: how a client's
 * proxy is to be set up for the HTTPRoutes that hold for it.
 */
import type {
  BackendRef,
  RedirectFilter,
  RuleMatch,
  ServiceRoute,
  ValueMatch,
} from '../../../shared/objects/gateway-api.ts'
import { echoClusters } from '../bootstrap.ts'
import type { Routes } from '../envoy.ts'

/** Who calls which Service, and what is there. */
export interface MeshClient {
  readonly namespace: string
  readonly service: { readonly namespace: string; readonly name: string }
  /** `namespace/name`; each has the cluster of its place. */
  readonly services: readonly string[]
}

/** The routes of a client's proxy; without any that hold for it everything goes to the Service. */
export function meshRoutesFor(routes: readonly ServiceRoute[], client: MeshClient): Routes {
  const { namespace, name } = client.service
  const of = (where: string) => routes.filter(({ metadata }) => metadata.namespace === where)
  const [consumers, producers] = [client.namespace === namespace ? [] : of(client.namespace), of(namespace)]
  const holding = consumers.length > 0 ? consumers : producers
  const full = `${name}.${namespace}.svc.cluster.local`
  const domains = [
    full,
    `${name}.${namespace}.svc`,
    `${name}.${namespace}`,
    ...(client.namespace === namespace ? [name] : []),
  ]
  const self = [{ match: { prefix: '/' }, route: { cluster: clusterOf(`${namespace}/${name}`, client) } }]
  return {
    virtual_hosts: [
      { name: full, domains, routes: holding.length === 0 ? self : translate(holding, client) },
    ],
    ignore_port_in_host_matching: true,
  }
}

interface PlacedMatch {
  readonly match: RuleMatch
  readonly action: object
  /** Compared one after the other; the larger goes first. */
  readonly asked: readonly number[]
  readonly route: ServiceRoute
}

const kinds = ['RegularExpression', 'PathPrefix', 'Exact']

function translate(routes: readonly ServiceRoute[], client: MeshClient): readonly object[] {
  const placed = routes.flatMap(route =>
    (route.spec?.rules ?? []).flatMap(rule =>
      (rule.matches ?? [{}]).map((match): PlacedMatch => {
        const { type = 'PathPrefix', value = '/' } = match.path ?? {}
        const length = type === 'PathPrefix' ? Math.max(1, value.replace(/\/$/, '').length) : value.length
        const counts = [match.headers?.length ?? 0, match.queryParams?.length ?? 0]
        const asked = [kinds.indexOf(type), length, match.method === undefined ? 0 : 1, ...counts]
        return { match, action: actionOf(rule, route, client), asked, route }
      }),
    ),
  )
  return placed.toSorted(before).map(({ match, action }) => ({ match: matchOf(match), ...action }))
}

/** Sorting is stable, so that what is earlier within a route stays so. */
function before(one: PlacedMatch, other: PlacedMatch): number {
  for (const [i, asked] of one.asked.entries()) if (asked !== other.asked[i]) return other.asked[i]! - asked
  const [age, otherAge] = [one, other].map(({ route }) => route.metadata.creationTimestamp ?? '9999')
  if (age !== otherAge) return age! < otherAge! ? -1 : 1
  const [name, otherName] = [one, other].map(
    ({ route: { metadata } }) => `${metadata.namespace}/${metadata.name}`,
  )
  return name === otherName ? 0 : name! < otherName! ? -1 : 1
}

function matchOf({ path, method, headers = [], queryParams = [] }: RuleMatch): object {
  const { type = 'PathPrefix', value = '/' } = path ?? {}
  return {
    ...(type === 'Exact'
      ? { path: value }
      : type === 'RegularExpression'
        ? { safe_regex: { regex: value } }
        : value === '/'
          ? { prefix: '/' }
          : { path_separated_prefix: value.replace(/\/$/, '') }),
    headers: [
      ...(typeof method === 'string' ? [{ name: ':method', string_match: { exact: method } }] : []),
      ...headers.map(valueMatchOf),
    ],
    query_parameters: queryParams.map(valueMatchOf),
  }
}

const valueMatchOf = ({ type, name, value }: ValueMatch): object => ({
  name,
  string_match: type === 'RegularExpression' ? { safe_regex: { regex: value } } : { exact: value },
})

type Rule = NonNullable<NonNullable<ServiceRoute['spec']>['rules']>[number]

function actionOf({ backendRefs = [], filters = [] }: Rule, route: ServiceRoute, client: MeshClient): object {
  const redirect = filters.find(({ requestRedirect }) => requestRedirect)?.requestRedirect
  if (redirect) return { redirect: redirectOf(redirect) }
  const clusters = backendRefs
    .map(backend => ({ name: clusterAt(backend, route, client), weight: backend.weight ?? 1 }))
    .filter(({ weight }) => weight > 0)
    .map(each => ({
      ...each,
      request_headers_to_add: [{ header: { key: 'x-cluster', value: each.name } }],
    }))
  if (clusters.length === 0) return { direct_response: { status: 500 } }
  const { path, hostname } = filters.find(({ urlRewrite }) => urlRewrite)?.urlRewrite ?? {}
  return {
    route: {
      weighted_clusters: { clusters },
      cluster_not_found_response_code: 'INTERNAL_SERVER_ERROR',
      ...(path && { regex_rewrite: { pattern: { regex: '^/.*$' }, substitution: path.replaceFullPath } }),
      ...(hostname && { host_rewrite_literal: hostname }),
    },
  }
}

const redirectOf = ({ hostname, scheme, port, path, statusCode }: RedirectFilter): object => ({
  host_redirect: hostname,
  ...(scheme && { scheme_redirect: scheme }),
  ...(port && { port_redirect: port }),
  ...(path && { path_redirect: path.replaceFullPath }),
  response_code: statusCode === 301 ? 'MOVED_PERMANENTLY' : 'FOUND',
})

/** Routes of the mesh need no grant. */
function clusterAt(
  { namespace, name = '', port }: BackendRef,
  route: ServiceRoute,
  client: MeshClient,
): string {
  return port === 80 ? clusterOf(`${namespace ?? route.metadata.namespace}/${name}`, client) : 'no such port'
}

const clusterOf = (service: string, { services }: MeshClient): string =>
  echoClusters[services.indexOf(service)] ?? 'no such service'
