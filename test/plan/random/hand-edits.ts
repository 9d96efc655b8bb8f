import { fc } from '../../properties.ts'
import type { HttpRoute } from '../../../shared/objects/virtual-service.ts'
import { actionTo } from './routes.ts'

/** A change that a person makes to one VirtualService while a canary is on. */
export interface HandEdit {
  readonly is: string
  /** Which of the VirtualServices, by its place among them as they repeat. */
  readonly at: number
  /** The routes with it; those that are not ours are given with their places. */
  readonly edit: (http: readonly HttpRoute[], own: readonly number[]) => readonly HttpRoute[]
}

const inserted = actionTo('orders').map((route): HttpRoute => ({
  name: 'by-hand',
  match: [{ uri: { exact: '/by-hand' } }],
  ...route,
}))

export const handEdit: fc.Arbitrary<HandEdit> = fc
  .record({
    at: fc.nat(),
    route: inserted,
    is: fc.constantFrom('above', 'below', 'delete', 'weight', 'rename', 'swap', 'unknown'),
  })
  .map(({ at, route, is }): HandEdit => ({
    is,
    at,
    edit: (http, own) => {
      const place = own.length === 0 ? undefined : own[at % own.length]!
      const change = (with_: (one: HttpRoute) => readonly HttpRoute[]) =>
        http.flatMap((one, i) => (i === place ? with_(one) : [one]))
      switch (is) {
        case 'above':
          return [route, ...http]
        case 'below':
          return [...http, route]
        case 'delete':
          return change(() => [])
        case 'weight':
          return change(one => [
            (one.route ?? []).length === 2
              ? { ...one, route: one.route!.map((to, i) => ({ ...to, weight: i === 0 ? 45 : 55 })) }
              : one,
          ])
        case 'rename':
          return change(one => [{ ...one, name: 'renamed' }])
        case 'unknown':
          return change(one => [{ ...one, unknownField: { left: ['as', 'it', 'is'] } } as HttpRoute])
        case 'swap': {
          const next = own[(at + 1) % Math.max(own.length, 1)]
          return http.map((one, i) => (i === place ? http[next!]! : i === next ? http[place!]! : one))
        }
        default:
          throw new TypeError(is)
      }
    },
  }))
