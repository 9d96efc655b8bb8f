import type { Labels } from './kube-object.ts'
import { fieldsOf, isFields, itemsOf, labelsOf, textsOf } from './unchecked.ts'

/**
 * Whether the labels satisfy every pair of a selector; an empty selector matches everything, so callers
 * decide what none means.
 */
export const matches = (selector: Labels, labels: Labels | undefined): boolean =>
  Object.entries(selector).every(([key, value]) => labels?.[key] === value)

/**
 * Whether labels meet a LabelSelector, whatever is written there: all of `matchLabels` and of
 * `matchExpressions`. An empty one is met by all, none at all and an unknown operator by nothing.
 */
export function matchesSelector(selector: unknown, labels: Labels): boolean {
  if (!isFields(selector)) return false
  return (
    matches(labelsOf(selector['matchLabels']), labels)
    && itemsOf(selector['matchExpressions']).every(item => meetsExpression(fieldsOf(item), labels))
  )
}

function meetsExpression(
  { key, operator, values }: Readonly<Record<string, unknown>>,
  labels: Labels,
): boolean {
  const actual = Object.hasOwn(labels, String(key)) ? labels[String(key)] : undefined
  const isNamed = actual !== undefined && textsOf(values).includes(actual)
  switch (operator) {
    case 'In':
      return isNamed
    case 'NotIn':
      return !isNamed
    case 'Exists':
      return actual !== undefined
    case 'DoesNotExist':
      return actual === undefined
    default:
      return false
  }
}

/** Labels in one order, as people write a selector: `app=catalog,version=v1`. */
export const formatLabels = (labels: Labels): string =>
  Object.keys(labels)
    .sort()
    .map(key => `${key}=${labels[key]}`)
    .join(',')
