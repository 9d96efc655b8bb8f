import type { HttpRoute } from '../../../shared/objects/virtual-service.ts'
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
      ...clustersOf(http),
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
function clustersOf({ route = [] }: HttpRoute): object {
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
