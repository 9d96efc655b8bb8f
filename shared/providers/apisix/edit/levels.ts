import type { ApisixRule } from '../../../objects/apisix/apisix-route.ts'
import { anything } from '../../../routing/match.ts'
import { canBothHold, narrow } from '../../../routing/narrow.ts'
import { withRecord } from '../../../routing/record/write-record.ts'
import type { CohortRecord } from '../../../routing/record/record.ts'
import { idOf } from '../../../routing/service.ts'
import type { ApisixReading } from '../read/reading.ts'
import { rulesIn, type ApisixRoutedRule } from '../read/routed-rules.ts'
import { standsFor } from '../read/stands-for.ts'
import { priorityOf } from '../resolve/rules.ts'
import { withRulesByKey, type ApisixDraft } from './route-draft.ts'

/**
 * How far the priorities of each cohort's rules are above those of their base rules, by the names of the cohorts:
 * 1 for the last one, and one more than all that come after it and can match the same requests. Two that exclude
 * each other need no order.
 */
function levelsOf(cohorts: readonly CohortRecord[]): ReadonlyMap<string, number> {
  const levels = new Map<string, number>()
  const asked = cohorts.map(({ when }) => narrow(anything, when))
  for (let i = cohorts.length - 1; i >= 0; i--) {
    const below = cohorts
      .filter((_, later) => later > i && canBothHold(asked[i]!, asked[later]!))
      .map(({ name }) => levels.get(name)!)
    levels.set(cohorts[i]!.name, 1 + Math.max(0, ...below))
  }
  return levels
}

/**
 * The draft with the priorities by which the cohorts of a service go before each other, in the order in which they are
 * recorded: nothing else orders rules of one path. A rule without a base rule keeps its priority.
 */
export function levelled({ view, service, complete }: ApisixReading, draft: ApisixDraft): ApisixDraft {
  const { route, record } = draft
  const levels = levelsOf(record.cohorts.filter(cohort => cohort.service === idOf(service)))
  const rules = rulesIn(view, withRecord(route, record), { service, complete })
  const bases = rules.filter(({ cohort }) => cohort === undefined)
  const moved = rules.flatMap((copy): readonly (readonly [string, ApisixRule])[] => {
    const base = copy.cohort && baseOf(copy, bases)
    if (base === undefined) return []
    const priority = priorityOf(base.rule) + levels.get(copy.cohort!.name)!
    return priority === priorityOf(copy.rule) ? [] : [[copy.key, { ...copy.rule, priority }]]
  })
  return withRulesByKey(draft, new Map(moved))
}

/** The base rule of a cohort's rule: of several with the same conditions the one that has precedence. */
export const baseOf = (
  copy: ApisixRoutedRule,
  bases: readonly ApisixRoutedRule[],
): ApisixRoutedRule | undefined =>
  bases
    .filter(base => standsFor(copy, base, copy.cohort!.when))
    .toSorted((one, other) => priorityOf(other.rule) - priorityOf(one.rule))[0]
