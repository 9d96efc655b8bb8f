import type { HttpMatch, StringMatch } from '../../../shared/objects/virtual-service.ts'

/** Envoy's RouteMatch, the fields that Istio sets. */
export interface RouteMatch {
  readonly prefix?: string
  readonly path?: string
  readonly safe_regex?: { readonly regex: string }
  readonly case_sensitive?: boolean
  readonly headers?: readonly object[]
  readonly query_parameters?: readonly object[]
}

/** What Istio makes of a match block; none takes everything (`TranslateRouteMatch` in pilot/pkg/networking/core/route/route.go). */
export function routeMatchOf(match: HttpMatch | undefined): RouteMatch {
  if (!match) return { prefix: '/' }
  return {
    ...pathOf(match.uri),
    case_sensitive: match.ignoreUriCase !== true,
    headers: [
      ...each(match.headers, headerMatch),
      ...each(match.withoutHeaders, withoutHeader),
      ...special(':method', match.method),
      ...special(':authority', match.authority),
      ...special(':scheme', match.scheme),
    ],
    query_parameters: each(match.queryParams, (name, value) => ({ name, ...valueMatch(value) })),
  }
}

/** Whether Istio takes a route for one that matches everything, and so ends a VirtualService or moves it to the end of a gateway's host (`IsCatchAllRoute`). */
export function isCatchAll({ prefix, safe_regex, headers = [], query_parameters = [] }: RouteMatch): boolean {
  const anyPath = prefix === '/' || safe_regex?.regex === '.*'
  return anyPath && headers.length === 0 && query_parameters.length === 0
}

function pathOf(uri: StringMatch | undefined): RouteMatch {
  if (uri?.exact !== undefined) return { path: uri.exact }
  if (uri?.regex !== undefined) return { safe_regex: { regex: uri.regex } }
  return { prefix: uri?.prefix ?? '/' }
}

const each = (
  matches: Readonly<Record<string, StringMatch>> = {},
  translate: (name: string, match: StringMatch) => object,
): readonly object[] => Object.entries(matches).map(([name, match]) => translate(name, match))

const special = (name: string, match: StringMatch | undefined): readonly object[] =>
  match ? [headerMatch(name, match)] : []

const headerMatch = (name: string, match: StringMatch): object => ({ name, ...valueMatch(match) })

const withoutHeader = (name: string, match: StringMatch): object => ({
  ...headerMatch(name, match),
  invert_match: true,
  ...(!isPresence(match) && { treat_missing_header_as_empty: true }),
})

const valueMatch = (match: StringMatch): object =>
  isPresence(match) ? { present_match: true } : { string_match: stringMatch(match) }

// `canBeConvertedToPresentMatch`: nothing said, or the regex `*`, which is none.
const isPresence = ({ exact, prefix, regex }: StringMatch): boolean =>
  (exact ?? prefix ?? regex) === undefined || regex === '*'

function stringMatch({ exact, prefix, regex }: StringMatch): object {
  if (exact !== undefined) return { exact }
  return prefix === undefined ? { safe_regex: { regex } } : { prefix }
}
