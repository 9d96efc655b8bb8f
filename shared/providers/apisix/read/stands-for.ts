import type { ApisixExpr, ApisixMatch } from '../../../objects/apisix/apisix-route.ts'
import { isEqual } from '../../../objects/content/equal.ts'
import { fieldsOf, itemsOf } from '../../../objects/unchecked.ts'
import { conditionTestOf, type Condition } from '../../../routing/condition.ts'
import { exprOfTest } from '../resolve/matches.ts'
import type { ApisixRoutedRule } from './routed-rules.ts'

/** Why conditions cannot be asked by an ApisixRoute; undefined where they can. */
export function unaskable(conditions: readonly Condition[]): string | undefined {
  const ons = new Set(conditions.map(({ on }) => on))
  if (ons.has('source-label')) return 'an ApisixRoute cannot tell callers by their labels'
  return ons.has('claim') ? 'an ApisixRoute cannot read claims of tokens' : undefined
}

/** A condition as an expression. Cookies are asked by name; all else as a header or query parameter. */
function exprOf(condition: Condition): ApisixExpr {
  if (condition.on === 'cookie')
    return {
      subject: { scope: 'Cookie', name: condition.name },
      op: 'Equal',
      value: condition.value,
    }
  const { in: place, name, test } = conditionTestOf(condition)
  return { subject: { scope: place === 'query' ? 'Query' : 'Header', name }, ...exprOfTest(test) }
}

/** The conditions of a cohort's rule: those of its base rule and those of the cohort, without repetition. */
export function cohortMatch(match: ApisixMatch | undefined, conditions: readonly Condition[]): ApisixMatch {
  const there = itemsOf(fieldsOf(match)['exprs']) as readonly ApisixExpr[]
  const added = conditions.map(exprOf).filter(expr => !there.some(each => isEqual(each, expr)))
  return { ...match, exprs: [...there, ...added] }
}

/** Whether a cohort's rule asks what its rule for a base rule would ask. */
export const standsFor = (
  { rule }: Pick<ApisixRoutedRule, 'rule'>,
  base: Pick<ApisixRoutedRule, 'rule'>,
  conditions: readonly Condition[],
): boolean => isEqual(rule.match, cohortMatch(base.rule.match, conditions))
