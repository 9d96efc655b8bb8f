import type { HttpMatch, StringMatch } from '../objects/virtual-service.ts'

/** One thing that a request must show to belong to a cohort. Several are ANDed. */
export type Condition =
  | { readonly on: 'header'; readonly name: string; readonly match: StringMatch }
  | { readonly on: 'cookie'; readonly name: string; readonly value: string }
  | { readonly on: 'query'; readonly name: string; readonly match: StringMatch }
  | { readonly on: 'source-label'; readonly name: string; readonly value: string }

/** The header that names a cohort where nothing else is said. */
export const cohortHeader = 'x-istio-cohort'

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
const escapeRegex = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')

type MapField = 'headers' | 'queryParams' | 'sourceLabels'
interface Entry {
  readonly field: MapField
  readonly key: string
  readonly value: StringMatch | string
}

function entryOf(condition: Condition): Entry {
  switch (condition.on) {
    case 'header':
      return { field: 'headers', key: condition.name.toLowerCase(), value: condition.match }
    case 'cookie':
      return { field: 'headers', key: 'cookie', value: cookieMatch(condition.name, condition.value) }
    case 'query':
      return { field: 'queryParams', key: condition.name, value: condition.match }
    case 'source-label':
      return { field: 'sourceLabels', key: condition.name, value: condition.value }
  }
}

/** A match block narrowed to the requests that also meet the conditions. */
export function narrow(block: HttpMatch, conditions: readonly Condition[]): HttpMatch {
  const entries = conditions.map(entryOf)
  const fields = [...new Set(entries.map(({ field }) => field))].map(field => {
    const added = entries
      .filter(entry => entry.field === field)
      .map(({ key, value }) => [key, value] as const)
    return [field, { ...block[field], ...Object.fromEntries(added) }] as const
  })
  return { ...block, ...Object.fromEntries(fields) }
}

/** Why a block cannot be narrowed by the conditions, because it already says something else about the same thing; undefined if it can. */
export function clash(block: HttpMatch, conditions: readonly Condition[]): string | undefined {
  for (const { field, key, value } of conditions.map(entryOf)) {
    const what = { headers: 'header', queryParams: 'query parameter', sourceLabels: 'source label' }[field]
    const there = Object.entries(block[field] ?? {}).find(([name]) =>
      field === 'headers' ? name.toLowerCase() === key : name === key,
    )
    if (there !== undefined && JSON.stringify(there[1]) !== JSON.stringify(value))
      return `it already tests the ${what} ${key} otherwise`
    const isExcluded =
      field === 'headers' && Object.keys(block.withoutHeaders ?? {}).some(name => name.toLowerCase() === key)
    if (isExcluded) return `it already excludes requests by the header ${key}`
  }
  return undefined
}

/** Two conditions on the same header, parameter or label cannot both be written into one match block. */
export function doubled(conditions: readonly Condition[]): string | undefined {
  const keys = conditions.map(entryOf).map(({ field, key }) => `${field} ${key}`)
  const twice = keys.find((key, i) => keys.indexOf(key) !== i)
  return twice?.split(' ')[1]
}

/** As people read it: `x-istio-cohort: internal`, `cookie user=ann`, `query beta=1`, `from app=webapp`. */
export function formatCondition(condition: Condition): string {
  switch (condition.on) {
    case 'header':
      return `${condition.name.toLowerCase()}${formatMatch(condition.match, ': ')}`
    case 'cookie':
      return `cookie ${condition.name}=${condition.value}`
    case 'query':
      return `query ${condition.name}${formatMatch(condition.match, '=')}`
    case 'source-label':
      return `from ${condition.name}=${condition.value}`
  }
}

function formatMatch({ exact, prefix, regex }: StringMatch, separator: string): string {
  if (exact !== undefined) return `${separator}${exact}`
  if (prefix !== undefined) return `${separator}${prefix}*`
  return regex === undefined ? ' present' : ` ~ ${regex}`
}
