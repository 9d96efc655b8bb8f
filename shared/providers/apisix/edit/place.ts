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
import { standsFor } from '../read/stands-for.ts'
import { classOf, nameOf } from '../resolve/rules.ts'
import { entriesByPath, hostsMeet, hostsOf, type TableEntry } from '../resolve/table.ts'
import { matchesOf } from '../resolve/matches.ts'

/** The cohort that was set, and what was written. */
export interface SetCohort {
  readonly cohort: string
  readonly changes: readonly Change[]
}

/**
 * Throws a CanaryError `refused` where a cohort's rules would take requests from rules that went before those that they stand
 * for, where nothing orders them, or where they would take none. Only rules of the same path are concerned: all others
 * are tried before or after both, by their path or host.
 */
export function requireUndisturbed(
  reading: ApisixReading,
  given: ClusterView,
  { cohort, changes }: SetCohort,
): void {
  const later = inSession(given)
  const { service, complete } = reading
  const routes = changes.map(({ after }) => after as ApisixRoute)
  if (!routes.some(route => cohortsIn(route, service).some(({ name }) => name === cohort)))
    throw new CanaryError(
      'refused',
      `cohort ${cohort} would get no requests: none reaches a rule that leads to ${service.name}`,
      {
        hints: [
          'kubectl canary status shows which rules take no requests; change those that go before them.',
        ],
      },
    )
  const pairs = routes.flatMap(route => pairsIn(rulesIn(later, route, { service, complete }), cohort))
  for (const pair of pairs) requireInPlace(later, pair, { cohort, pairs, reading })
}

/** A rule of the cohort, and the base rule that it stands for. */
interface CopyOfRule {
  readonly copy: ApisixRoutedRule
  readonly base: ApisixRoutedRule
}

function pairsIn(rules: readonly ApisixRoutedRule[], cohort: string): readonly CopyOfRule[] {
  const copies = rules.filter(rule => rule.cohort?.name === cohort)
  return rules
    .filter(rule => rule.cohort === undefined)
    .flatMap(base => {
      const copy = copies.find(each => standsFor(each, base, each.cohort!.when))
      return copy === undefined ? [] : [{ copy, base }]
    })
}

interface Placing {
  readonly cohort: string
  readonly pairs: readonly CopyOfRule[]
  readonly reading: ApisixReading
}

const isRule = ({ route, rule }: TableEntry, { route: of, index }: ApisixRoutedRule): boolean =>
  nameOf(route) === nameOf(of) && rule === index

function requireInPlace(
  view: ClusterView,
  { copy, base }: CopyOfRule,
  { cohort, pairs, reading }: Placing,
): void {
  const table = entriesByPath(view, classOf(copy.route))
  const hosts = hostsOf(copy.route, copy.index)
  const isCovered = (entry: TableEntry): boolean =>
    pairs.some(pair => isRule(entry, pair.base) || isRule(entry, pair.copy))
  for (const own of matchesOf(copy.route).filter(({ rule }) => rule === copy.index)) {
    const entries = table.get(own.path) ?? []
    const priority = entries.find(entry => isRule(entry, base))?.priority ?? 0
    // The rule of the cohort is one above its base rule: before what went before that one, nothing changes.
    const rival = entries.find(
      entry =>
        (entry.priority === priority || entry.priority === priority + 1)
        && !isCovered(entry)
        && hostsMeet(entry.hosts, hosts)
        && canBothHold(entry.match, own.match),
    )
    if (rival !== undefined) throw inTheWay(cohort, { rival, isTie: rival.priority > priority, reading })
  }
}

interface Rival {
  readonly rival: TableEntry
  readonly isTie: boolean
  readonly reading: ApisixReading
}

function inTheWay(
  cohort: string,
  { rival: { route, rule }, isTie, reading: { view, service, complete } }: Rival,
): CanaryError {
  const takes = takenBy(route, rule)
  const other = rulesIn(view, route, { service, complete }).find(({ index }) => index === rule)?.cohort
  const place = `ApisixRoute ${nameOf(route)} ${formatPath(['spec', 'http', rule])}${takes === '' ? '' : ` (${takes})`}`
  const what = other === undefined ? place : `cohort ${other.name}`
  return new CanaryError(
    'refused',
    isTie
      ? `cohort ${cohort} cannot be placed: its rules and ${what} would have one priority and could take the same requests, and nothing orders these`
      : `cohort ${cohort} cannot be placed: its rules would take requests from ${what}`,
    {
      hints: [
        'Nothing was changed. Choose other conditions with --header, --cookie or --query, or give that rule a higher priority.',
      ],
    },
  )
}
