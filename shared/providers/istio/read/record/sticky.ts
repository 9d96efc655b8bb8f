import { fieldsOf } from '../../../../objects/unchecked.ts'
import type { VirtualService, WeightedDestination } from '../../../../objects/virtual-service.ts'
import { idOf, type RoutedService } from '../routed-service.ts'
import { recordIn, type StickyRecord } from './record.ts'

/** What is written down of a service's sticky split; undefined where there is none, or it cannot be read. */
export function stickyIn(virtualService: VirtualService, service: RoutedService): StickyRecord | undefined {
  const found = fieldsOf(recordIn(virtualService)?.restore?.sticky)[idOf(service)]
  return isSticky(found) ? found : undefined
}

function isSticky(value: unknown): value is StickyRecord {
  const { cookie, ttl, start, turn, split } = fieldsOf(value)
  return (
    [cookie, start, split].every(text => typeof text === 'string')
    && [ttl, turn].every(number => typeof number === 'number')
  )
}

/** Whether the responses of a destination set a cookie of this name, as a sticky split has them do. */
export const setsCookie = (destination: WeightedDestination, cookie: string): boolean =>
  Object.entries(fieldsOf(responseHeaders(destination)['add'])).some(
    ([name, value]) => name.toLowerCase() === 'set-cookie' && isOfCookie(value, cookie),
  )

/** The headers that a destination sets or removes, without the cookie of a sticky split. */
export function headersBeside(
  destination: WeightedDestination,
  cookie: string | undefined,
): Readonly<Record<string, unknown>> {
  const headers = fieldsOf(Reflect.get(destination, 'headers'))
  if (cookie === undefined || !setsCookie(destination, cookie)) return headers
  const response = responseHeaders(destination)
  const add = Object.entries(fieldsOf(response['add'])).filter(
    ([name, value]) => name.toLowerCase() !== 'set-cookie' || !isOfCookie(value, cookie),
  )
  return withMap(headers, 'response', withMap(response, 'add', Object.fromEntries(add)))
}

/** Fields with one of their maps replaced; without it where it is empty. */
function withMap(fields: Readonly<Record<string, unknown>>, key: string, map: object): typeof fields {
  const { [key]: _, ...rest } = fields
  return Object.keys(map).length === 0 ? rest : { ...rest, [key]: map }
}

/** Whether the value of a `Set-Cookie` header is for the cookie. */
export const isOfCookie = (value: unknown, cookie: string): boolean =>
  typeof value === 'string' && value.startsWith(`${cookie}=`)

/** What a destination or route does to the headers of its responses. */
export const responseHeaders = (carrier: object): Readonly<Record<string, unknown>> =>
  fieldsOf(fieldsOf(Reflect.get(carrier, 'headers'))['response'])
