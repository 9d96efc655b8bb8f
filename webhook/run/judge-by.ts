import type { Judge } from '../../shared/rules/introduced.ts'
import type { AnyRule } from '../../shared/rules/rule.ts'
import { meterOf } from '../../shared/view/session.ts'
import type { GuardConfig } from '../config/config.ts'
import { byVerdicts } from '../cache/istio-violations.ts'
import { tellingFaults } from '../review/faults.ts'

/** What one judgement may cost: some 200 ms and 20 MiB. */
const mostCost = 400_000

/** The rules as a live cluster is judged by: what is not in it does not exist. */
const judgeLive = (rules: readonly AnyRule[], { relativeWeights }: GuardConfig): Judge => ({
  rules: byVerdicts(rules),
  settings: { complete: true, relativeWeights, now: Date.now() },
  meter: () => meterOf(mostCost),
})

/** The rules for a review: it must know all of them, as exemptions may name those that are switched off. */
export function judgeBy(rules: readonly AnyRule[], config: GuardConfig): Judge {
  const live = judgeLive(rules, config)
  return { ...live, rules: live.rules.map(tellingFaults) }
}

/** The same for the audit, without the rules that are switched off. */
export function auditBy(rules: readonly AnyRule[], config: GuardConfig): Judge {
  const isOn = ({ id }: AnyRule): boolean => !Object.hasOwn(config.rules, id) || config.rules[id] !== 'off'
  return judgeLive(rules.filter(isOn), config)
}
