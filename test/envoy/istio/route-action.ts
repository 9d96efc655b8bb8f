import type { HttpRoute } from '../../../shared/objects/virtual-service.ts'
import { mirrorItems, percentOf } from '../../../shared/providers/istio/read/routes/mirrors.ts'
import { echoClusters } from '../bootstrap.ts'
import type { Place } from './client.ts'

interface Redirect {
  readonly uri?: string
  readonly authority?: string
  readonly scheme?: string
  readonly port?: number
  readonly derivePort?: string
  readonly redirectCode?: number
}
interface Rewrite {
  readonly uri?: string
  readonly authority?: string
  readonly uriRegexRewrite?: { readonly match: string; readonly rewrite: string }
}
interface DirectResponse {
  readonly status: number
  readonly body?: { readonly string?: string }
}

const codes: Readonly<Record<number, string>> = {
  301: 'MOVED_PERMANENTLY',
  302: 'FOUND',
  303: 'SEE_OTHER',
  307: 'TEMPORARY_REDIRECT',
  308: 'PERMANENT_REDIRECT',
}

/** What a route does. Destinations are clusters that answer with what they were sent: the one at an index of the route is `echo-<index>`. */
export function actionOf(http: HttpRoute, place: Place): object {
  if (http.redirect) return { redirect: redirectOf(http.redirect, place) }
  if (http.directResponse) return { direct_response: responseOf(http.directResponse as DirectResponse) }
  const { rewrite = {} } = http as { readonly rewrite?: Rewrite }
  return {
    route: {
      ...clustersOf(http, place),
      ...mirrorsOf(http, place),
      ...(rewrite.uriRegexRewrite
        ? { regex_rewrite: regexRewrite(rewrite.uriRegexRewrite) }
        : rewrite.uri && { prefix_rewrite: rewrite.uri }),
      ...(rewrite.authority && { host_rewrite_literal: rewrite.authority }),
    },
  }
}

/** The header that stands for Envoy's random number between 0 and the sum of the weights. */
export const randomHeader = 'x-random'

// A destination without weight among several gets nothing.
function clustersOf({ route = [] }: HttpRoute, { clusterOf }: Place): object {
  if (clusterOf !== undefined) {
    const [only, ...others] = route
    if (only !== undefined && others.length === 0) return { cluster: clusterOf(only.destination) }
    const clusters = route
      .filter(({ weight }) => weight)
      .map(({ destination, weight, ...rest }) => ({
        name: clusterOf(destination),
        weight,
        response_headers_to_add: responseHeadersOf(rest),
      }))
    return { weighted_clusters: { clusters } }
  }
  if (route.length === 1) return { cluster: echoClusters[0] }
  const clusters = route
    .map(({ weight }, index) => ({ name: echoClusters[index], weight }))
    .filter(({ weight }) => weight)
    .map(cluster => ({
      ...cluster,
      request_headers_to_add: [{ header: { key: 'x-cluster', value: cluster.name } }],
    }))
  return { weighted_clusters: { clusters, header_name: randomHeader } }
}

/** `TranslateRequestMirrorPolicy`, as it is since Istio 1.28: without a suffix to the Host header, and without mirrors of 0 %. */
function mirrorsOf(http: HttpRoute, { clusterOf }: Place): object {
  if (clusterOf === undefined) return {}
  const mirrors = mirrorItems(http).filter(mirror => percentOf(mirror) > 0)
  if (mirrors.length === 0) return {}
  return {
    request_mirror_policies: mirrors.map(mirror => ({
      cluster: clusterOf(mirror.destination),
      runtime_fraction: {
        default_value: { numerator: Math.trunc(percentOf(mirror) * 10_000), denominator: 'MILLION' },
      },
      disable_shadow_host_suffix_append: true,
    })),
  }
}

interface WithHeaders {
  readonly headers?: {
    readonly response?: {
      readonly add?: Readonly<Record<string, string>>
      readonly set?: Readonly<Record<string, string>>
    }
  }
}

/** What a route or one of its destinations adds to responses (`TranslateHeadersOperations`). */
export function responseHeadersOf(carrier: object): readonly object[] {
  const { add = {}, set = {} } = (carrier as WithHeaders).headers?.response ?? {}
  const operations = (headers: Readonly<Record<string, string>>, append_action: string) =>
    Object.entries(headers).map(([key, value]) => ({ header: { key, value }, append_action }))
  return [...operations(set, 'OVERWRITE_IF_EXISTS_OR_ADD'), ...operations(add, 'APPEND_IF_EXISTS_OR_ADD')]
}

const regexRewrite = ({ match, rewrite }: { readonly match: string; readonly rewrite: string }): object => ({
  pattern: { regex: match },
  substitution: rewrite,
})

function redirectOf(redirect: Redirect, place: Place): object {
  return {
    ...(redirect.authority && { host_redirect: redirect.authority }),
    path_redirect: redirect.uri ?? '',
    ...(redirect.scheme && { scheme_redirect: redirect.scheme }),
    port_redirect: portOf(redirect, place),
    response_code: codes[redirect.redirectCode || 301],
  }
}

// `ApplyRedirect`: the default port of the scheme is not written out.
function portOf({ port, derivePort, scheme }: Redirect, place: Place): number {
  const wanted = port ?? (derivePort === 'FROM_REQUEST_PORT' ? place.port : 0)
  const standard = (scheme || (place.isTls ? 'https' : 'http')) === 'https' ? 443 : 80
  return wanted === standard ? 0 : wanted
}

const responseOf = ({ status, body }: DirectResponse): object => ({
  status,
  ...(body?.string !== undefined && { body: { inline_string: body.string } }),
})
