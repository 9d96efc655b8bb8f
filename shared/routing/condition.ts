import type { StringMatch } from '../objects/virtual-service.ts'
import { bucketRegex, type Bucket } from '../objects/text/bucket-regex.ts'
import { formatNamedTest, testOf, type TextTest } from './text-test.ts'

/** One thing that a request must show to belong to a cohort. Several are ANDed. */
export type Condition =
  | { readonly on: 'header'; readonly name: string; readonly match: StringMatch }
  | { readonly on: 'cookie'; readonly name: string; readonly value: string }
  | { readonly on: 'query'; readonly name: string; readonly match: StringMatch }
  /** Of the caller's verified token (JWT), by the path of the claim. */
  | { readonly on: 'claim'; readonly name: string; readonly match: StringMatch }
  | { readonly on: 'source-label'; readonly name: string; readonly value: string }
  /** A stable share of the values of a header, by the digits at their end. */
  | ({ readonly on: 'bucket'; readonly name: string } & Bucket)

/** The header that names a cohort where nothing else is said. */
export const cohortHeader = 'x-istio-cohort'

/**
 * Whose requests the conditions can hold for: callers have labels in the mesh only, and their tokens are read at
 * gateways only.
 */
export const entranceOf = (conditions: readonly Condition[]): 'mesh' | 'gateways' | undefined =>
  conditions.some(({ on }) => on === 'source-label')
    ? 'mesh'
    : conditions.some(({ on }) => on === 'claim')
      ? 'gateways'
      : undefined

/** The condition of a cohort for which no other was given. */
export const defaultCondition = (cohort: string): Condition => ({
  on: 'header',
  name: cohortHeader,
  match: { exact: cohort },
})

/** Istio matches a cookie as a regex on the whole `cookie` header. */
const cookieMatch = (name: string, value: string): StringMatch => ({
  regex: `^(.*?;)?\\s*(${escapeRegex(name)}=${escapeRegex(value)})(;.*)?$`,
})

/** A regex that takes exactly a text. */
export const escapeRegex = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')

/**
 * A condition as a test of what a route's match has under this name: headers by their lower case, a cookie as
 * the header that carries it.
 */
export interface ConditionTest {
  readonly in: 'headers' | 'claims' | 'query' | 'callerLabels'
  readonly name: string
  readonly test: TextTest
}

/** What a condition asks for, in the terms of a match. */
export function conditionTestOf(condition: Condition): ConditionTest {
  switch (condition.on) {
    case 'header':
      return { in: 'headers', name: condition.name.toLowerCase(), test: testOf(condition.match) }
    case 'cookie':
      return { in: 'headers', name: 'cookie', test: testOf(cookieMatch(condition.name, condition.value)) }
    case 'query':
      return { in: 'query', name: condition.name, test: testOf(condition.match) }
    case 'claim':
      return { in: 'claims', name: condition.name, test: testOf(condition.match) }
    case 'bucket':
      return {
        in: 'headers',
        name: condition.name.toLowerCase(),
        test: testOf({ regex: bucketRegex(condition) }),
      }
    case 'source-label':
      return { in: 'callerLabels', name: condition.name, test: { is: 'exact', text: condition.value } }
  }
}

/** Two conditions on the same header, parameter or label cannot both be written into one match block. */
export function doubled(conditions: readonly Condition[]): string | undefined {
  const keys = conditions.map(conditionTestOf).map(({ in: where, name }) => `${where} ${name}`)
  const twice = keys.find((key, i) => keys.indexOf(key) !== i)
  return twice?.split(' ')[1]
}

/** As people read it: `x-istio-cohort: internal`, `cookie user=ann`, `query beta=1`, `from app=webapp`. */
export function formatCondition(condition: Condition): string {
  switch (condition.on) {
    case 'header':
      return formatNamedTest(condition.name.toLowerCase(), testOf(condition.match), ': ')
    case 'cookie':
      return `cookie ${condition.name}=${condition.value}`
    case 'bucket':
      return `${condition.percent} % of ${condition.name.toLowerCase()}`
    case 'claim':
      return `claim ${formatNamedTest(condition.name, testOf(condition.match), '=')}`
    case 'query':
      return `query ${formatNamedTest(condition.name, testOf(condition.match), '=')}`
    case 'source-label':
      return `from ${condition.name}=${condition.value}`
  }
}
