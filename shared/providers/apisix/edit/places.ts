import { fieldsOf, textOf, textsOf } from '../../../objects/unchecked.ts'
import { placeOf } from '../read/traffic.ts'
import type { ApisixRoutedRule } from '../read/routed-rules.ts'
import { nameOf } from '../resolve/rules.ts'

/** `ApisixRoute shop/catalog spec.http[1]` */
export const whereIs = (rule: Pick<ApisixRoutedRule, 'route' | 'index'>): string =>
  `ApisixRoute ${nameOf(rule.route)} ${placeOf(rule)}`

/**
 * The word for a rule on the command line: its name, else its first path; behind the name of its ApisixRoute if a rule
 * of another one has the same word.
 */
export function wordOf(rule: ApisixRoutedRule, among: readonly ApisixRoutedRule[]): string {
  const word = plainWordOf(rule)
  const isShared = among.some(each => each.route !== rule.route && plainWordOf(each) === word)
  return isShared ? wordWithin(rule) : word
}

const plainWordOf = (rule: ApisixRoutedRule): string =>
  textOf(rule.rule.name) ?? pathsOf(rule)[0] ?? placeOf(rule).slice('spec.'.length)

/** `catalog/items`: the rule of an ApisixRoute by both names. */
export const wordWithin = ({ route, key }: ApisixRoutedRule): string => `${route.metadata.name}/${key}`

/** The paths that a rule takes, as they are written. */
export const pathsOf = ({ rule: { match } }: ApisixRoutedRule): readonly string[] =>
  textsOf(fieldsOf(match)['paths'])
