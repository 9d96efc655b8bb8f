import { fieldsOf, isFields, itemsOf, textOf } from '../../../objects/unchecked.ts'
import { firstPlaces } from '../../../objects/text/first-places.ts'
import { quotedName } from '../../../objects/text/escaped.ts'
import { backendsOf, filtersOf, rulesOf } from '../../../providers/gateway-api/resolve/routes.ts'
import type { RouteRule } from '../../../objects/gateway-api.ts'
import { eachRoute } from '../../facts/each-route.ts'
import { formatPath, type Path } from '../../rule.ts'

/** The API server refuses equal names alone; of names that differ in case the specification has only the first count. */
export const repeatedHeader = eachRoute({
  id: 'repeated-header',
  severity: { webhook: 'warning', lint: 'warning' },
  summary:
    'A match or filter of an HTTPRoute or GRPCRoute names each header once: names are the same in upper and lower case.',
  fix: 'Remove the second one: only the first is used.',
  reads: [],
  *check(_view, route) {
    for (const [i, rule] of rulesOf(route).entries()) {
      for (const { path, items } of headerLists(rule, ['spec', 'rules', i])) {
        const names = items.map(item => textOf(fieldsOf(item)['name']))
        const first = firstPlaces(names.map(name => name?.toLowerCase()))
        for (const [j, name] of names.entries()) {
          const before = name === undefined ? j : first.get(name.toLowerCase())!
          // The API server itself refuses equal names.
          if (before === j || name === names[before]) continue
          yield {
            path: [...path, j],
            message: `the header ${quotedName(name!)} repeats entry ${before + 1}, ${quotedName(names[before]!)}: only the first is used`,
            about: `${path.filter(step => typeof step === 'string').join('.')} ${name!}`,
            fix: `Remove ${formatPath([...path, j])}`,
          }
        }
      }
    }
  },
})

interface HeaderList {
  readonly path: Path
  readonly items: readonly unknown[]
}

/** Each list of headers in a rule: of its matches, and of its filters and those of its backends. */
const headerLists = (rule: RouteRule, path: Path): readonly HeaderList[] => [
  ...itemsOf(rule.matches).map((match, j) => ({
    path: [...path, 'matches', j, 'headers'],
    items: itemsOf(fieldsOf(match)['headers']),
  })),
  ...listsOfFilters(rule, path),
  ...backendsOf(rule).flatMap((backend, j) => listsOfFilters(backend, [...path, 'backendRefs', j])),
]

const listsOfFilters = (holder: Parameters<typeof filtersOf>[0], path: Path): readonly HeaderList[] =>
  filtersOf(holder).flatMap((filter, j) =>
    (['requestHeaderModifier', 'responseHeaderModifier'] as const).flatMap(key => {
      const modifier: unknown = filter[key]
      return isFields(modifier)
        ? ['set', 'add'].map(list => ({
            path: [...path, 'filters', j, key, list],
            items: itemsOf(modifier[list]),
          }))
        : []
    }),
  )
