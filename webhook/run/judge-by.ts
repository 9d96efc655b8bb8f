import type { Judge } from '../../shared/rules/introduced.ts'
import type { AnyRule } from '../../shared/rules/rule.ts'
import { meterOf } from '../../shared/view/session.ts'
import type { GuardConfig } from '../config/config.ts'
import { withRememberedViolations } from '../cache/istio-violations.ts'
import { withFaultsAsFindings } from '../review/faults.ts'

/** The most that one judgement may cost: about 200 ms and 20 MiB. */
const mostCost = 400_000

/** The rules for a whole cluster: what is not in it does not exist. */
const judgeLive = (rules: readonly AnyRule[], { relativeWeights }: GuardConfig): Judge => ({
  rules: withRememberedViolations(rules),
  settings: { complete: true, relativeWeights, now: Date.now() },
  meter: () => meterOf(mostCost),
})

/** The rules for a review: all of them, because exemptions can name rules that are off. */
export function judgeBy(rules: readonly AnyRule[], config: GuardConfig): Judge {
  const live = judgeLive(rules, config)
  return { ...live, rules: live.rules.map(withFaultsAsFindings) }
}

/** How long a judge is used: what rules know of the time is no finer than that. */
const judgeMs = 60_000

/** As `judgeBy`, with one judge for all reviews of a minute by one configuration: to make one takes as long as a review. */
export function reviewJudges(
  rules: readonly AnyRule[],
  part: Pick<Judge, 'mostSubjects'> = {},
): (config: GuardConfig) => Judge {
  let last: { readonly config: GuardConfig; readonly since: number; readonly judge: Judge } | undefined
  return config => {
    const now = Date.now()
    if (last === undefined || last.config !== config || now < last.since || now >= last.since + judgeMs)
      last = { config, since: now, judge: { ...judgeBy(rules, config), ...part } }
    return last.judge
  }
}

/** The rules for the audit: those that are not off. */
export function auditBy(rules: readonly AnyRule[], config: GuardConfig): Judge {
  const isOn = ({ id }: AnyRule): boolean => !Object.hasOwn(config.rules, id) || config.rules[id] !== 'off'
  return judgeLive(rules.filter(isOn), config)
}
