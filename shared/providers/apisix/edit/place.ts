import { CanaryError } from '../../../objects/canary-error.ts'
import type { ApisixRoute } from '../../../objects/apisix/apisix-route.ts'
import { formatPath } from '../../../objects/paths.ts'
import { canBothHold } from '../../../routing/narrow.ts'
import { cohortsIn } from '../../../routing/record/record.ts'
import type { Change } from '../../../view/change.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { inSession } from '../../../view/session.ts'
import type { ApisixReading } from '../read/reading.ts'
import { rulesIn, takenBy, type ApisixRoutedRule } from '../read/routed-rules.ts'
import { nameOf, priorityOf, ruleKeys, rulesOf } from '../resolve/rules.ts'
import { entriesBeside, hostsMeet, hostsOf, orderOf, type TableEntry } from '../resolve/table.ts'
import { matchesOf, type PathMatch } from '../resolve/matches.ts'
import { baseOf } from './levels.ts'

/** The written changes, and the name of the cohort that was set, if any. */
export interface WrittenCohorts {
  readonly cohort: string | undefined
  readonly changes: readonly Change[]
}

/**
 * Throws a CanaryError `refused` where a cohort's rules would take requests from rules that went before those that they stand
 * for, where nothing orders them, or where they would take none.
 */
export function requireUndisturbed(reading: ApisixReading, later: ClusterView, placed: WrittenCohorts): void {
  const { cohort } = placed
  const { service } = reading
  const isSet = placed.changes.some(({ after }) =>
    cohortsIn(after as ApisixRoute, service).some(({ name }) => name === cohort),
  )
  if (!isSet)
    throw new CanaryError(
      'refused',
      `cohort ${cohort} would get no requests: none reaches a rule that leads to ${service.name}`,
      {
        hints: [
          'kubectl canary status shows which rules take no requests; change those that go before them.',
        ],
      },
    )
  const found = disturbance(reading, later, placed)
  if (found !== undefined) throw found
}

/**
 * Why rules of cohorts that were written would be in the way of others, or others in theirs; undefined where they are not.
 * Only rules at the same place among the paths are concerned: all others are tried before or after both.
 */
export function disturbance(
  reading: ApisixReading,
  given: ClusterView,
  { cohort, changes }: WrittenCohorts,
): CanaryError | undefined {
  const later = inSession(given)
  const { service, complete } = reading
  const order = new Map<string, number>()
  const pairs = changes.flatMap(({ after }) => {
    const route = after as ApisixRoute
    for (const [place, { name }] of cohortsIn(route, service).entries()) order.set(name, place)
    return pairsIn(rulesIn(later, route, { service, complete }))
  })
  const moved = pairs.filter(pair => pair.name === cohort || isMoved(pair, changes))
  for (const pair of moved) {
    const rival = rivalOf(later, pair, { pairs, order })
    if (rival !== undefined) return inTheWay(pair, rival, { cohort: cohort ?? pair.name, pairs })
  }
  return undefined
}

/** A rule of a cohort, and its base rule. */
interface CopyOfRule {
  /** Of the cohort. */
  readonly name: string
  readonly copy: ApisixRoutedRule
  readonly base: ApisixRoutedRule
}

function pairsIn(rules: readonly ApisixRoutedRule[]): readonly CopyOfRule[] {
  const bases = rules.filter(rule => rule.cohort === undefined)
  return rules.flatMap(copy => {
    const base = copy.cohort && baseOf(copy, bases)
    return base === undefined ? [] : [{ name: copy.cohort!.name, copy, base }]
  })
}

/** Whether the rule of a cohort has another priority than before. */
function isMoved({ copy }: CopyOfRule, changes: readonly Change[]): boolean {
  const change = changes.find(({ after }) => after !== undefined && nameOf(after) === nameOf(copy.route))
  if (change?.before === undefined) return false
  const before = change.before as ApisixRoute
  const rule = rulesOf(before)[ruleKeys(before).indexOf(copy.key)]
  return rule !== undefined && priorityOf(rule) !== priorityOf(copy.rule)
}

interface Placing {
  readonly pairs: readonly CopyOfRule[]
  /** The places of cohorts by their names: the first goes before the others. */
  readonly order: ReadonlyMap<string, number>
}

const isRule = ({ route, rule }: TableEntry, { route: of, index }: ApisixRoutedRule): boolean =>
  nameOf(route) === nameOf(of) && rule === index

const isSame = (one: ApisixRoutedRule, other: ApisixRoutedRule): boolean =>
  nameOf(one.route) === nameOf(other.route) && one.index === other.index

const ownEntries = ({ route, index }: ApisixRoutedRule): readonly PathMatch[] =>
  matchesOf(route).filter(({ rule }) => rule === index)

/** The first rule from which the rule of a cohort would take requests, or that nothing orders with it. */
function rivalOf(view: ClusterView, pair: CopyOfRule, placing: Placing): TableEntry | undefined {
  const { copy, base } = pair
  const [from, to] = [priorityOf(base.rule), priorityOf(copy.rule)]
  const hosts = hostsOf(copy.route, copy.index)
  return ownEntries(copy).flatMap(({ path, match }) =>
    // Before what went after its base rule nothing changes, and after what goes before it.
    entriesBeside(view, { route: copy.route, path }).filter(
      entry =>
        orderOf(entry, { path, priority: from }) >= 0
        && orderOf(entry, { path, priority: to }) <= 0
        && !isSettled(entry, pair, placing)
        && hostsMeet(entry.hosts, hosts)
        && canBothHold(entry.match, match),
    ),
  )[0]
}

/**
 * Whether the order of the cohorts, or their other rules, already decide who gets the requests that match both the rule
 * of a cohort and another rule.
 */
function isSettled(entry: TableEntry, pair: CopyOfRule, { pairs, order }: Placing): boolean {
  const [own, base] = [priorityOf(pair.copy.rule), priorityOf(pair.base.rule)]
  const isAbove = ({ copy }: CopyOfRule): boolean => priorityOf(copy.rule) > Math.max(own, entry.priority)
  if (pairs.some(each => each.name === pair.name && (isRule(entry, each.base) || isRule(entry, each.copy))))
    return true
  const rival = pairs.find(({ copy }) => isRule(entry, copy))
  if (rival === undefined) return false
  const isMeant =
    order.get(pair.name)! < order.get(rival.name)!
    && own > entry.priority
    && priorityOf(rival.base.rule) <= base
  return (
    isMeant
    || pairs.some(each => each.name === pair.name && isSame(each.base, rival.base) && isAbove(each))
    || pairs.some(each => each.name === rival.name && isSame(each.base, pair.base) && isAbove(each))
  )
}

/** The error for a rule in conflict with a rule of the cohort that is set, or of a cohort that goes before that one. */
function inTheWay(
  { name, copy }: CopyOfRule,
  rival: TableEntry,
  { cohort, pairs }: { readonly cohort: string; readonly pairs: readonly CopyOfRule[] },
): CanaryError {
  const { route, rule } = rival
  const isTied = ownEntries(copy).some(
    ({ path }) => orderOf(rival, { path, priority: priorityOf(copy.rule) }) === 0,
  )
  const takes = takenBy(route, rule)
  const other = pairs.find(pair => isRule(rival, pair.copy))
  const place = `ApisixRoute ${nameOf(route)} ${formatPath(['spec', 'http', rule])}${takes === '' ? '' : ` (${takes})`}`
  const what = other === undefined ? place : `cohort ${other.name}`
  const whose = name === cohort ? 'its rules' : `the rules of cohort ${name}, which go before its own,`
  return new CanaryError(
    'refused',
    isTied
      ? `cohort ${cohort} cannot be placed: ${whose} and ${what} would have one priority and could take the same requests, and nothing orders these`
      : `cohort ${cohort} cannot be placed: ${whose} would take requests from ${what}`,
    {
      hints: [
        'Nothing was changed. Choose other conditions with --header, --cookie or --query, or give that rule a higher priority.',
      ],
    },
  )
}
