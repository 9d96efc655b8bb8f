import { CanaryError } from '../../../shared/objects/canary-error.ts'
import { catalogue } from '../../../shared/rules/catalogue.ts'
import { describedForLint, type DescribedRule } from '../../../shared/rules/described.ts'
import { formatData } from '../../print/data.ts'
import { formatRule, formatRules } from '../../print/rules.ts'
import type { Session } from '../../session.ts'
import { dataOutputOf } from '../output.ts'

/** Prints every rule with its severities and what must hold. */
export const showRules = (session: Session): Promise<void> =>
  show(session, describedForLint(catalogue), formatRules)

/** Prints one rule; throws `not-found` for an unknown id. */
export const showRule = (session: Session, id: string): Promise<void> => show(session, ruleOf(id), formatRule)

async function show<T>(session: Session, value: T, format: (value: T) => string): Promise<void> {
  const output = await dataOutputOf(session.flags.output, ['json', 'yaml'])
  const rows: readonly unknown[] = Array.isArray(value) ? value : [value]
  session.say(output === undefined ? format(value) : await formatData(value, rows, output))
}

/** The rule of an id, or `not-found` with the ids that are like it. */
function ruleOf(id: string): DescribedRule {
  const described = describedForLint(catalogue)
  const found = described.find(rule => rule.id === id)
  if (found !== undefined) return found
  const words = id.split('-')
  const near = described.filter(rule => words.some(word => word.length > 2 && rule.id.includes(word)))
  throw new CanaryError('not-found', `there is no rule ${JSON.stringify(id)}`, {
    hints:
      near.length > 0
        ? ['Did you mean:', ...near.map(rule => `  kubectl canary rules explain ${rule.id}`)]
        : ['kubectl canary rules lists the rules.'],
  })
}
