import type { Destination } from '../../../objects/virtual-service.ts'
import type { Path } from '../../rule.ts'
import { durationFault } from '../duration.ts'
import type { Fault, Re2Fault } from '../../schema/fault.ts'
import { faultAt } from '../names.ts'
import { checkCors, type CorsPolicy } from './cors.ts'
import {
  checkDestination,
  checkDestinations,
  checkMirrors,
  type Mirror,
  type WeightedDestinationSpec,
} from './destinations.ts'
import { checkDirectResponse, type DirectResponse } from './direct-response.ts'
import { checkFaultInjection, type FaultInjection } from './faults.ts'
import { checkAuthority, checkHeaders, type Headers } from './headers.ts'
import { checkHttpMatch, isMatchSound, type HttpMatchSpec } from './match.ts'
import { checkRedirect, type RedirectSpec } from './redirect.ts'
import { checkRetries, type RetriesSpec } from './retries.ts'
import { checkRewrite, type RewriteSpec } from './rewrite.ts'

export interface HttpRouteSpec {
  readonly match?: readonly HttpMatchSpec[]
  readonly route?: readonly WeightedDestinationSpec[]
  readonly redirect?: RedirectSpec
  readonly directResponse?: DirectResponse
  readonly delegate?: object
  readonly rewrite?: RewriteSpec
  readonly timeout?: string
  readonly retries?: RetriesSpec
  readonly fault?: FaultInjection
  readonly mirror?: Destination
  readonly mirrors?: readonly Mirror[]
  readonly mirrorPercent?: number | null
  readonly mirror_percent?: number | null
  readonly mirrorPercentage?: { readonly value?: number }
  readonly corsPolicy?: CorsPolicy
  readonly headers?: Headers
}

/** What the routes of one VirtualService are judged by. */
export interface RouteContext {
  /** It has no hosts, so other VirtualServices delegate to it. */
  readonly isDelegate: boolean
  readonly re2Fault: Re2Fault | undefined
}

/** What is wrong with one http route. */
export function* checkHttpRoute(route: HttpRouteSpec, context: RouteContext, path: Path): Iterable<Fault> {
  const { match = [], rewrite, timeout, headers, fault, corsPolicy, retries } = route
  const { re2Fault } = context
  if (!isPlain(route)) yield* checkConflicts(route, context, path)
  for (let i = 0; i < match.length; i++)
    if (!isMatchSound(match[i]!)) yield* checkHttpMatch(match[i]!, re2Fault, [...path, 'match', i])
  if (headers !== undefined) {
    yield* checkHeaders(headers, [...path, 'headers'])
    yield* checkAuthority(rewrite?.authority, headers, path)
  }
  if (corsPolicy !== undefined) yield* checkCors(corsPolicy, re2Fault, [...path, 'corsPolicy'])
  if (fault !== undefined) yield* checkFaultInjection(fault, [...path, 'fault'])
  if (retries !== undefined) yield* checkRetries(retries, [...path, 'retries'])
  if (rewrite !== undefined) yield* checkRewrite(rewrite, re2Fault, [...path, 'rewrite'])
  if (timeout !== undefined) yield* faultAt([...path, 'timeout'], durationFault(timeout))
  yield* checkTargets(route, path)
}

/** Whether it has destinations alone, which conflict with nothing. */
const isPlain = ({ route = [], delegate, redirect, directResponse, mirrors }: HttpRouteSpec): boolean =>
  route.length > 0
  && delegate === undefined
  && redirect === undefined
  && directResponse === undefined
  && mirrors === undefined

function* checkTargets(route: HttpRouteSpec, path: Path): Iterable<Fault> {
  const { redirect, directResponse } = route
  if (redirect !== undefined) yield* checkRedirect(redirect, route.match ?? [], [...path, 'redirect'])
  if (directResponse !== undefined) yield* checkDirectResponse(directResponse, [...path, 'directResponse'])
  if (mirrorFields.some(field => route[field] !== undefined)) yield* checkMirroring(route, path)
  if (route.route !== undefined) yield* checkDestinations(route.route, [...path, 'route'])
}

const mirrorFields = ['mirror', 'mirrors', 'mirrorPercent', 'mirror_percent', 'mirrorPercentage'] as const

function* checkMirroring(route: HttpRouteSpec, path: Path): Iterable<Fault> {
  const { mirror, mirrors = [], mirrorPercentage: { value = 0 } = {} } = route
  if (mirror !== undefined) yield* checkDestination(mirror, [...path, 'mirror'])
  yield* checkMirrors(mirrors, [...path, 'mirrors'])
  for (const key of ['mirrorPercent', 'mirror_percent'] as const) {
    if ((route[key] ?? 0) > 100)
      yield { path: [...path, key], message: `a percentage must be from 0 to 100, not ${route[key]}` }
  }
  if (value < 0 || value > 100)
    yield {
      path: [...path, 'mirrorPercentage', 'value'],
      message: `a percentage must be from 0 to 100, not ${value}`,
    }
}

/** What cannot be used with what. */
function* checkConflicts(route: HttpRouteSpec, { isDelegate }: RouteContext, path: Path): Iterable<Fault> {
  const has = (key: keyof HttpRouteSpec): boolean =>
    key === 'route' ? (route.route ?? []).length > 0 : route[key] !== undefined
  const clash = (first: keyof HttpRouteSpec, second: keyof HttpRouteSpec): Fault => ({
    path: [...path, first],
    message: `${first} cannot be used with ${second} in one route`,
    about: second,
  })
  if (route.delegate !== undefined && isDelegate) {
    yield {
      path: [...path, 'delegate'],
      message: 'a VirtualService without hosts is a delegate and cannot delegate to another',
      about: '',
    }
  } else if (route.delegate !== undefined) {
    for (const key of (['redirect', 'route'] as const).filter(has)) yield clash('delegate', key)
    return
  }
  const answer = (['redirect', 'directResponse'] as const).find(has)
  if (answer !== undefined) {
    for (const key of (['route', 'fault', 'rewrite', 'directResponse'] as const).filter(
      name => name !== answer && has(name),
    ))
      yield clash(answer, key)
  } else if (!has('route')) {
    yield { path, message: 'a route needs destinations (route), a redirect or a directResponse', about: '' }
  }
  if (has('mirror') && (route.mirrors ?? []).length > 0) yield clash('mirror', 'mirrors')
}
