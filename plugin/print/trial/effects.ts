import { roundPercent } from '../../../shared/routing/shares.ts'
import type { Decision, HeaderChanges, HeaderOperations } from '../../../shared/routing/request/decision.ts'
import type { Trial } from '../../../shared/trial/trial.ts'

/** What the route does to the request besides choosing where it goes: a line for each. */
export function effectsOf({ decision, bypass }: Trial): readonly string[] {
  if (bypass !== undefined) return []
  const { redirect, status, kind, headers, destinations } = decision
  return [
    ...(redirect === undefined ? [] : [`redirects with ${redirect.code} to ${targetOf(redirect)}`]),
    ...(kind === 'direct' && status !== undefined ? [`answers itself with ${status}`] : []),
    ...rewriteLines(decision),
    ...faultLines(decision),
    ...(headers === undefined ? [] : headerLines(headers)),
    ...destinations.flatMap(({ headers: own, subset, host }) =>
      own === undefined ? [] : headerLines(own).map(line => `${line} (${subset ?? host})`),
    ),
  ]
}

const rewriteLines = ({ rewrite = {} }: Decision): readonly string[] => [
  ...(rewrite.prefix === undefined ? [] : [`rewrites the matched part of the path to ${rewrite.prefix}`]),
  ...(rewrite.path === undefined ? [] : [`rewrites the path to ${rewrite.path}`]),
  ...(rewrite.regex === undefined
    ? []
    : [`rewrites ${rewrite.regex.match} in the path to ${rewrite.regex.substitution}`]),
  ...(rewrite.authority === undefined ? [] : [`rewrites the Host header to ${rewrite.authority}`]),
]

const faultLines = ({ fault: { delay, abort } = {}, timeout, retries }: Decision): readonly string[] => [
  ...(delay === undefined
    ? []
    : [`delays ${roundPercent(delay.percent)} % of the requests by ${seconds(delay.milliseconds)}`]),
  ...(abort === undefined
    ? []
    : [
        `aborts ${roundPercent(abort.percent)} % of the requests with ${abort.httpStatus ?? `gRPC status ${abort.grpcStatus}`}`,
      ]),
  ...(timeout === undefined ? [] : [`times out after ${seconds(timeout)}`]),
  ...(retries === undefined ? [] : [retriesOf(retries)]),
]

const seconds = (milliseconds: number): string => `${milliseconds / 1000} s`

function targetOf({
  scheme,
  host,
  port,
  path,
  prefixRewrite,
}: NonNullable<Trial['decision']['redirect']>): string {
  const said = [
    scheme === undefined ? '' : `scheme ${scheme}`,
    host === undefined ? '' : `host ${host}`,
    port === undefined ? '' : `port ${port}`,
    path === undefined ? '' : `path ${path}`,
    prefixRewrite === undefined ? '' : `path with the prefix ${prefixRewrite}`,
  ].filter(text => text !== '')
  return said.length === 0 ? 'the same URL' : said.join(', ')
}

const retriesOf = ({ attempts, perTryTimeout, on }: NonNullable<Trial['decision']['retries']>): string =>
  attempts === 0
    ? 'is not tried again'
    : [
        `is tried again up to ${attempts} ${attempts === 1 ? 'time' : 'times'}`,
        ...(perTryTimeout === undefined ? [] : [`${seconds(perTryTimeout)} for each try`]),
        ...(on === undefined ? [] : [`on ${on}`]),
      ].join(', ')

const headerLines = ({ request, response }: HeaderOperations): readonly string[] => [
  ...changesOf(request, 'request'),
  ...changesOf(response, 'response'),
]

const changesOf = ({ set, add, remove }: HeaderChanges, of: string): readonly string[] => [
  ...Object.entries(set).map(([name, value]) => `sets the ${of} header ${name}: ${value}`),
  ...Object.entries(add).map(([name, value]) => `adds the ${of} header ${name}: ${value}`),
  ...remove.map(name => `removes the ${of} header ${name}`),
]
