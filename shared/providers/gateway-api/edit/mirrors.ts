import { CanaryError } from '../../../objects/canary-error.ts'
import type { BackendRef, RouteFilter, RouteRule } from '../../../objects/gateway-api.ts'
import { refOf } from '../../../objects/kinds.ts'
import type { Note } from '../../../routing/note.ts'
import type { RoutedService } from '../../../routing/service.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { mirrorsOf } from '../read/rules/mirrors.ts'
import type { RoutedRule } from '../read/rules/routed-rules.ts'
import { filtersOf } from '../resolve/routes.ts'
import { backendsFor } from './backends/backends.ts'
import { placeOf, whereIs } from './scope.ts'

/** A host that is to get copies, and of which part of the requests, in percent. */
export interface HostMirror {
  readonly host: string
  readonly percent: number
}

/** A rule with other mirrors, and the hosts of those that are ours. */
export interface MirroredRule {
  readonly rule: RouteRule
  readonly ours: readonly string[]
}

/**
 * The mirrors of ours of a base rule; those written by hand stay. Throws a CanaryError `refused` where one to the same
 * version was written by hand.
 */
export function setMirrors(
  view: ClusterView,
  base: RoutedRule,
  { service, mirrors }: { readonly service: RoutedService; readonly mirrors: readonly HostMirror[] },
): MirroredRule {
  const there = mirrorsOf(view, base, service)
  const byHand = there.find(({ host, isOurs }) => !isOurs && mirrors.some(each => each.host === host))
  if (byHand !== undefined)
    throw new CanaryError(
      'refused',
      `${whereIs(base)} mirrors to ${byHand.host?.split('.')[0]} already, by a filter that was written by hand`,
      { hints: ['Change that filter by hand, or remove it and repeat this command.'] },
    )
  const own = new Set(there.filter(({ isOurs }) => isOurs).map(({ filter }) => filter))
  const filters = [
    ...filtersOf(base.rule).filter(filter => !own.has(filter)),
    ...mirrors.map(mirror => mirrorFilter(view, base, mirror)),
  ]
  return { rule: withFilters(base.rule, filters), ours: mirrors.map(({ host }) => host) }
}

/** The mirrors that a rule is to have: a version that gets all its requests needs no copies of these. */
export const mirrorsFor = ({ parts }: RoutedRule, mirrors: readonly HostMirror[]): readonly HostMirror[] => {
  const taking = new Set(parts.filter(({ percent }) => percent > 0).map(({ host }) => host))
  return mirrors.filter(({ host }) => taking.size !== 1 || !taking.has(host))
}

/** The rules that are not mirrored to a version, as notes. Throws a CanaryError `refused` where none is mirrored at all. */
export function mirrorNotes(
  rules: readonly RoutedRule[],
  wanted: readonly (HostMirror & { readonly to: string })[],
): readonly Note[] {
  const notes = rules.flatMap(rule => {
    const fitting = mirrorsFor(rule, wanted)
    return wanted
      .filter(({ host }) => !fitting.some(each => each.host === host))
      .map(
        ({ to }) =>
          ({ kind: 'mirror-not-needed', object: refOf(rule.route), place: placeOf(rule), to }) as const,
      )
  })
  if (wanted.length === 0 || rules.some(rule => mirrorsFor(rule, wanted).length > 0)) return notes
  const versions = [...new Set(wanted.map(({ to }) => to))].join(', ')
  throw new CanaryError('refused', `no rule can be mirrored: each sends all its requests to ${versions}`, {
    hints: ['Mirror to a version that does not have these requests already.'],
  })
}

/** A base rule without its mirrors to some hosts, whoever wrote them. */
export function withoutMirrors(
  view: ClusterView,
  base: RoutedRule,
  { service, isOver }: { readonly service: RoutedService; readonly isOver: (host: string) => boolean },
): RouteRule {
  const over = new Set(
    mirrorsOf(view, base, service)
      .filter(({ host }) => host !== undefined && isOver(host))
      .map(({ filter }) => filter),
  )
  return over.size === 0
    ? base.rule
    : withFilters(
        base.rule,
        filtersOf(base.rule).filter(filter => !over.has(filter)),
      )
}

/**
 * All requests where nothing is said: definitions before v1.3 know no part, and drop it. Parts of a percent are a
 * fraction.
 */
function mirrorFilter(view: ClusterView, base: RoutedRule, { host, percent }: HostMirror): RouteFilter {
  const [backend] = backendsFor(view, base, { shares: [{ host, percent: 100 }] })
  const { weight: _w, filters: _f, ...backendRef } = backend as BackendRef
  const part =
    percent === 100
      ? {}
      : Number.isInteger(percent)
        ? { percent }
        : { fraction: { numerator: Math.round(percent * 10_000), denominator: 1_000_000 } }
  return { type: 'RequestMirror', requestMirror: { backendRef, ...part } }
}

function withFilters(rule: RouteRule, filters: readonly RouteFilter[]): RouteRule {
  const { filters: _, ...rest } = rule
  if (filters.length === 0) return rest
  if (rule.filters !== undefined) return { ...rule, filters }
  const { backendRefs, ...others } = rest
  return { ...others, filters, ...(backendRefs !== undefined && { backendRefs }) }
}
