import type { RouteRule, RuleMatch, ServiceRoute, ValueMatch } from '../../../../objects/gateway-api.ts'
import { itemsOf, fieldsOf } from '../../../../objects/unchecked.ts'
import { conditionTestOf, type Condition } from '../../../../routing/condition.ts'
import type { TextTest } from '../../../../routing/text-test.ts'

/** Why conditions cannot be asked by a route of this kind; undefined where they can. */
export function unaskable(
  { kind }: Pick<ServiceRoute, 'kind'>,
  conditions: readonly Condition[],
): string | undefined {
  const ons = new Set(conditions.map(({ on }) => on))
  if (ons.has('source-label')) return `${article(kind)} ${kind} cannot tell callers by their labels`
  if (ons.has('claim')) return `${article(kind)} ${kind} cannot read claims of tokens`
  return kind === 'GRPCRoute' && ons.has('query') ? 'gRPC calls have no query parameters' : undefined
}

const article = (kind: string): string => (kind.startsWith('HTTP') ? 'an' : 'a')

/**
 * The matches of a cohort's rule for a base rule: each match of that rule with the conditions added. One that asks
 * nothing says so (`PathPrefix` `/`), so that it is as long as that of the rule.
 */
export function cohortMatches(
  { kind }: Pick<ServiceRoute, 'kind'>,
  rule: RouteRule,
  conditions: readonly Condition[],
): readonly RuleMatch[] {
  const written = itemsOf(rule.matches).map(match => fieldsOf(match) as RuleMatch)
  const everything: RuleMatch = kind === 'GRPCRoute' ? {} : { path: { type: 'PathPrefix', value: '/' } }
  const added = { headers: valuesOf(conditions, 'headers'), queryParams: valuesOf(conditions, 'query') }
  return (written.length === 0 ? [everything] : written).map(match => {
    const headers = withValues(match.headers, added.headers, isSameHeader)
    const queryParams = withValues(match.queryParams, added.queryParams, (a, b) => a === b)
    return {
      ...match,
      ...(headers.length > 0 && { headers }),
      ...(queryParams.length > 0 && { queryParams }),
    }
  })
}

const isSameHeader = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase()

/** What is asked already is not asked twice. */
function withValues(
  own: RuleMatch['headers'],
  added: readonly ValueMatch[],
  isSame: (one: string, other: string) => boolean,
): readonly ValueMatch[] {
  const there = itemsOf(own).filter((each): each is ValueMatch => typeof fieldsOf(each)['name'] === 'string')
  return [...there, ...added.filter(({ name }) => !there.some(each => isSame(each.name, name)))]
}

const valuesOf = (conditions: readonly Condition[], where: 'headers' | 'query'): readonly ValueMatch[] =>
  conditions
    .map(conditionTestOf)
    .filter(each => each.in === where)
    .map(({ name, test }) => ({ ...writtenTest(test), name }))
    .map(({ type, name, value }) => ({ ...(type !== 'Exact' && { type }), name, value }))

/** A test as the Gateway API has it; a regex is anchored, for what looks for a part only. */
function writtenTest(test: TextTest): Required<Pick<ValueMatch, 'type' | 'value'>> {
  switch (test.is) {
    case 'exact':
      return { type: 'Exact', value: test.text }
    case 'prefix':
    case 'path-prefix':
      return { type: 'RegularExpression', value: `^${escaped(test.text)}.*$` }
    case 'regex':
      return { type: 'RegularExpression', value: test.pattern }
    case 'present':
      return { type: 'RegularExpression', value: '^.*$' }
  }
}

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
