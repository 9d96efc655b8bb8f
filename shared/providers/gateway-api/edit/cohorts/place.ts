import { CanaryError } from '../../../../objects/canary-error.ts'
import type { ServiceRoute } from '../../../../objects/gateway-api.ts'
import { formatPath } from '../../../../objects/paths.ts'
import { canBothHold } from '../../../../routing/narrow.ts'
import { cohortsIn } from '../../../../routing/record/record.ts'
import type { Wanted } from '../../../../routing/wanted.ts'
import type { Change } from '../../../../view/change.ts'
import type { ClusterView } from '../../../../view/cluster-view.ts'
import { inSession } from '../../../../view/session.ts'
import { shadowedIn, type MatchTable, type TableMatch } from '../../resolve/table.ts'
import { nameOf } from '../../read/services/applications.ts'
import { copyKey } from '../../read/traffic.ts'
import { isIn, tablesOf } from '../../resolve/reach.ts'
import { isAssumed } from '../../read/rules/reached.ts'
import type { RouteReading } from '../../read/reading.ts'
import { rulesIn, takenBy, type RoutedRule } from '../../read/rules/routed-rules.ts'
import { ruleKeys } from '../../read/rules/rule-keys.ts'
import { whereIs } from '../scope.ts'
import { conditionOptions } from './cohort-rules.ts'

/** What was written, and for which cohort. */
export interface PlacedCohort {
  readonly wanted: Wanted
  readonly changes: readonly Change[]
}

/**
 * Throws a CanaryError `refused` where a cohort's rules would take requests from rules that went before those that
 * they stand for, or would take none: the order of all rules for a host follows from their conditions, not from their position.
 */
export function requireUndisturbed(
  reading: RouteReading,
  given: ClusterView,
  { wanted, changes }: PlacedCohort,
): void {
  const later = inSession(given)
  const isSet = changes.some(
    ({ after }) =>
      after !== undefined && cohortsIn(after, reading.service).some(({ name }) => name === wanted.renewed),
  )
  if (!isSet) throw unreached(reading, wanted)
  for (const { after } of changes) {
    const route = after as ServiceRoute
    const tables = tablesOf(later, route, reading).filter(table => isIn(table, route))
    const copies = copiesIn(later, route, { reading, wanted })
    if (copies.length === 0) continue
    for (const table of tables) requireInPlace({ reading, wanted, copies, table })
    const isTaken = tables.some(table => {
      const shadowed = shadowedIn(later, table)
      return table.matches.some(match => isOf(match, copies) && !shadowed.has(match))
    })
    if (!isTaken && tables.length > 0 && !isAssumed(later, route, reading))
      throw withoutRequests(wanted, route)
  }
}

/** A rule of the cohort, and the base rule that it stands for. */
interface PlacedCopy {
  readonly copy: RoutedRule
  readonly base: RoutedRule
}

/** The rules of the cohort in a route, each with its base rule. */
function copiesIn(
  view: ClusterView,
  route: ServiceRoute,
  { reading: { service }, wanted }: { readonly reading: RouteReading; readonly wanted: Wanted },
): readonly PlacedCopy[] {
  const rules = rulesIn(view, route, service)
  const record = cohortsIn(route, service).find(({ name }) => name === wanted.renewed)
  if (record === undefined) return []
  return rules
    .filter(({ cohort }) => cohort === undefined)
    .flatMap(base => {
      const key = copyKey(base, record.when)
      const copy = rules.find(rule => rule.cohort?.name === record.name && rule.key === key)
      return copy === undefined ? [] : [{ copy, base }]
    })
}

const isOf = (match: TableMatch, copies: readonly PlacedCopy[]): boolean =>
  copies.some(({ copy }) => match.route === copy.route && match.rule === copy.index)

interface PlacedIn {
  readonly reading: RouteReading
  readonly wanted: Wanted
  readonly copies: readonly PlacedCopy[]
  readonly table: MatchTable
}

function requireInPlace(placed: PlacedIn): void {
  const { reading, wanted, copies, table } = placed
  const { matches } = table
  for (const { copy, base } of copies) {
    const own = matches.filter(match => match.route === copy.route && match.rule === copy.index)
    const bases = matches.filter(match => match.route === base.route && match.rule === base.index)
    for (const match of own) {
      const at = matches.indexOf(match)
      const baseAt = matches.indexOf(bases.find(({ index = 0 }) => index === (match.index ?? 0)) ?? match)
      const overtaken = matches
        .slice(at + 1, Math.max(at + 1, baseAt))
        .find(
          other =>
            !isOf(other, copies)
            && canBothHold(other.match, match.match)
            && !goesAfter(placed, other)
            && !isCoveredBefore({ copies, table }, { other, at }),
        )
      if (overtaken !== undefined) throw overtakes(wanted, { match, overtaken, reading })
    }
  }
  requireBefore(placed)
}

/** Whether the cohort's own rule for an overtaken base rule is the rule that overtakes it, or is tried before that one. */
const isCoveredBefore = (
  { copies, table: { matches } }: Pick<PlacedIn, 'copies' | 'table'>,
  { other, at }: { readonly other: TableMatch; readonly at: number },
): boolean => {
  const own = copies.find(({ base }) => base.route === other.route && base.index === other.rule)
  if (own === undefined) return false
  return matches
    .slice(0, at + 1)
    .some(
      match =>
        match.route === own.copy.route
        && match.rule === own.copy.index
        && (match.index ?? 0) === (other.index ?? 0),
    )
}

/** Whether a match is of a cohort that comes after this one in their order, so that this one may take its requests. */
function goesAfter({ reading: { service }, wanted }: PlacedIn, { route, rule }: TableMatch): boolean {
  const cohorts = cohortsIn(route, service)
  const key = ruleKeys(route)[rule]!
  const own = cohorts.findIndex(({ name }) => name === wanted.renewed)
  return own >= 0 && cohorts.slice(own + 1).some(({ routes }) => routes.includes(key))
}

/**
 * Throws a CanaryError `refused` where `--before` cannot be followed: a match of the other cohort asks for more headers
 * or query parameters, so the Gateway API tries it before that of this cohort.
 */
function requireBefore({ reading: { service }, wanted, copies, table: { matches } }: PlacedIn): void {
  if (wanted.before === undefined) return
  for (const { copy, base } of copies) {
    const next = cohortsIn(copy.route, service).find(({ name }) => name === wanted.before)
    const rule = next === undefined ? -1 : ruleKeys(copy.route).indexOf(copyKey(base, next.when))
    const isFirst = matches.some((other, at) => {
      if (other.route !== copy.route || other.rule !== rule) return false
      return matches
        .slice(at + 1)
        .some(
          match =>
            match.route === copy.route
            && match.rule === copy.index
            && match.index === other.index
            && canBothHold(match.match, other.match),
        )
    })
    if (isFirst) throw triedFirst(wanted, base)
  }
}

const triedFirst = ({ renewed = '', before = '' }: Wanted, base: RoutedRule): CanaryError =>
  new CanaryError(
    'refused',
    `cohort ${renewed} cannot go before cohort ${before} at ${whereIs(base)}: cohort ${before} asks for more headers or query parameters, and the Gateway API tries its match first`,
    {
      hints: [
        `Nothing was changed. Add conditions until cohort ${renewed} asks for as many headers and query parameters as cohort ${before}, or leave out --before.`,
      ],
    },
  )

interface Overtaking {
  readonly match: TableMatch
  readonly overtaken: TableMatch
  readonly reading: RouteReading
}

function overtakes({ renewed = '' }: Wanted, { overtaken, reading }: Overtaking): CanaryError {
  const { route, rule } = overtaken
  const cohort = rulesIn(reading.view, route, reading.service).find(({ index }) => index === rule)?.cohort
  const takes = takenBy(route, rule)
  const place = `${route.kind} ${nameOf(route)} ${formatPath(['spec', 'rules', rule])}${takes === '' ? '' : ` (${takes})`}`
  const isOther = cohort !== undefined && cohort.name !== renewed
  return new CanaryError(
    'refused',
    `cohort ${renewed} cannot be placed: its rules would take requests from ${isOther ? `cohort ${cohort.name}` : place}`,
    {
      hints: [
        `Nothing was changed. The Gateway API tries the match first that asks for more: choose other conditions with ${conditionOptions(route)}.`,
        ...(isOther
          ? [
              `If requests of both are to follow cohort ${renewed}, repeat this command with --before ${cohort.name}.`,
            ]
          : []),
      ],
    },
  )
}

const unreached = ({ service }: RouteReading, { renewed = '' }: Wanted): CanaryError =>
  new CanaryError(
    'refused',
    `cohort ${renewed} would get no requests: none reaches a rule that leads to ${service.name}`,
    {
      hints: ['kubectl canary status shows which rules take no requests; change those that go before them.'],
    },
  )

const withoutRequests = ({ renewed = '' }: Wanted, route: ServiceRoute): CanaryError =>
  new CanaryError(
    'refused',
    `cohort ${renewed} would get no requests: other rules take all requests that its rules in ${route.kind} ${nameOf(route)} match`,
    { hints: [`Choose other conditions with ${conditionOptions(route)}.`] },
  )
