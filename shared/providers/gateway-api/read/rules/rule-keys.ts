import type { RouteRule, ServiceRoute } from '../../../../objects/gateway-api.ts'
import { hashOf } from '../../../../objects/text/hash-text.ts'
import { derivedOnce, fieldsOf, itemsOf } from '../../../../objects/unchecked.ts'
import { rulesOf } from '../../resolve/routes.ts'

/**
 * What each rule of a route is called in what we write down, so that it is found again wherever it has moved: a
 * hash of what it asks. Of several alike, all but the first get a number. Names are not used: older definitions of
 * the API drop them silently.
 */
export const ruleKeys: (route: ServiceRoute) => readonly string[] = derivedOnce(route => {
  const taken = new Map<string, number>()
  return rulesOf(route).map(rule => {
    const key = askedBy(rule)
    const before = taken.get(key) ?? 0
    taken.set(key, before + 1)
    return before === 0 ? key : `${key}.${before + 1}`
  })
})

/** What a rule asks, as a key: alike for what an API server fills in and what it leaves out. */
export const askedBy = ({ matches }: Pick<RouteRule, 'matches'>): string =>
  `#${hashOf(JSON.stringify(itemsOf(matches).map(normal)))}`

/** A match with its defaults, its fields in one order (…/spec/#httproutematch). */
function normal(match: unknown): unknown {
  const { path, method, headers, queryParams } = fieldsOf(match)
  const values = (list: unknown): unknown =>
    itemsOf(list).map(item => {
      const { type = 'Exact', name, value } = fieldsOf(item)
      return [type, name, value]
    })
  const { type = 'PathPrefix', value = '/' } = fieldsOf(path)
  return [type, value, normalMethod(method), values(headers), values(queryParams)]
}

function normalMethod(method: unknown): unknown {
  if (typeof method !== 'object') return method ?? null
  const { type = 'Exact', service = null, method: called = null } = fieldsOf(method)
  return [type, service, called]
}
