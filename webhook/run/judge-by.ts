import { RE2JS } from 're2js'
import type { Judge } from '../../shared/rules/introduced.ts'
import type { AnyRule } from '../../shared/rules/rule.ts'
import type { GuardConfig } from '../config/config.ts'

/** The rules as a live cluster is judged by: what is not in it does not exist. */
export const judgeBy = (rules: readonly AnyRule[], { relativeWeights }: GuardConfig): Judge =>
  ({ rules, settings: { complete: true, relativeWeights, re2Fault } })

/** The same without the rules that are switched off, for the audit; a review must know them, as exemptions may name them. */
export function auditBy(rules: readonly AnyRule[], config: GuardConfig): Judge {
  const isOn = ({ id }: AnyRule): boolean => !Object.hasOwn(config.rules, id) || config.rules[id] !== 'off'
  return judgeBy(rules.filter(isOn), config)
}

/** What is wrong with a pattern in RE2's syntax, which Envoy reads. */
function re2Fault(pattern: string): string | undefined {
  try {
    RE2JS.compile(pattern)
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message.replace(/^error parsing regexp: /, '') : String(error)
  }
}
