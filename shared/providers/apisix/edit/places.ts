import { fieldsOf, textOf, textsOf } from '../../../objects/unchecked.ts'
import { placeOf } from '../read/traffic.ts'
import type { ApisixRoutedRule } from '../read/routed-rules.ts'
import { nameOf } from '../resolve/rules.ts'

/** `ApisixRoute shop/catalog spec.http[1]` */
export const whereIs = (rule: Pick<ApisixRoutedRule, 'route' | 'index'>): string =>
  `ApisixRoute ${nameOf(rule.route)} ${placeOf(rule)}`

/** How a person names a rule: its name, else a path. */
export const wordOf = (rule: ApisixRoutedRule): string =>
  textOf(rule.rule.name) ?? pathsOf(rule)[0] ?? placeOf(rule).slice('spec.'.length)

/** The paths that a rule takes, as they are written. */
export const pathsOf = ({ rule: { match } }: ApisixRoutedRule): readonly string[] =>
  textsOf(fieldsOf(match)['paths'])
