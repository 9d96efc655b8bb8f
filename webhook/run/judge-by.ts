import type { Judge } from '../../shared/rules/introduced.ts'
import type { AnyRule } from '../../shared/rules/rule.ts'
import type { GuardConfig } from '../config/config.ts'
import { re2Fault } from '../fresh/re2-fault.ts'
import { byVerdicts } from '../fresh/verdicts.ts'

/** The rules as a live cluster is judged by: what is not in it does not exist. */
export const judgeBy = (rules: readonly AnyRule[], { relativeWeights }: GuardConfig): Judge =>
  ({ rules: byVerdicts(rules), settings: { complete: true, relativeWeights, re2Fault } })

/** The same without the rules that are switched off, for the audit; a review must know them, as exemptions may name them. */
export function auditBy(rules: readonly AnyRule[], config: GuardConfig): Judge {
  const isOn = ({ id }: AnyRule): boolean => !Object.hasOwn(config.rules, id) || config.rules[id] !== 'off'
  return judgeBy(rules.filter(isOn), config)
}
