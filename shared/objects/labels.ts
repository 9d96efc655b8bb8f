import type { Labels } from './kube-object.ts'
import { formatValue } from './paths.ts'
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

/** Labels as they may be in a manifest: `app: catalog, version: "1.9"`. */
export const formatPairs = (labels: Labels): string =>
  Object.entries(labels)
    .map(([key, value]) => `${key}: ${formatValue(value)}`)
    .join(', ')

/** What a label value may be. */
const labelValue = /^[A-Za-z0-9](?:[\w.-]{0,61}[A-Za-z0-9])?$/

/**
 * The version that the name of a workload says, none of those that others have: `v2` of `catalog-v2`, `next` of
 * `catalog-next` behind catalog; undefined where it says none.
 */
export function versionInName(name: string, service: string, taken: ReadonlySet<string>): string | undefined {
  const suffix = /(?:^|[-_.])(v\d+(?:[-_.]\d+)*)$/.exec(name)?.[1]
  const rest = name.startsWith(`${service}-`) ? name.slice(service.length + 1) : undefined
  return [suffix, rest].find(value => value !== undefined && labelValue.test(value) && !taken.has(value))
}

const recommendedKey = 'app.kubernetes.io/version'

/**
 * The version that pods say by the recommended label, where the pods of no other workload say the same: a chart gives
 * all of its workloads the version of the chart.
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/
 */
export function versionInLabels(labels: Labels, all: readonly Labels[]): string | undefined {
  const said = labels[recommendedKey] ?? ''
  const isAlone = all.filter(other => other[recommendedKey] === said).length <= 1
  return labelValue.test(said) && isAlone ? said : undefined
}

/**
 * The label by which pods say their version: `version`, or where no workload has that the recommended one, if all have it
 * and it tells several apart.
 */
export function versionKeyOf(workloads: readonly Labels[]): string {
  const said = workloads.map(labels => labels[recommendedKey] ?? '')
  const tells = said.length === 1 || new Set(said).size > 1
  const isOnly = workloads.every(labels => labels['version'] === undefined)
  return isOnly && tells && said.every(value => labelValue.test(value)) ? recommendedKey : 'version'
}

/** What labels say of a version, by whichever of the two labels. */
export const versionSaid = (labels: Labels): string | undefined => labels['version'] ?? labels[recommendedKey]

/**
 * The version that a workload without a version label probably is: what its name says, else `v1` or the next number
 * that is free.
 */
export function likelyVersion(name: string, service: string, taken: ReadonlySet<string>): string {
  const said = versionInName(name, service, taken)
  if (said !== undefined) return said
  for (let i = 1; ; i++) if (!taken.has(`v${i}`)) return `v${i}`
}
