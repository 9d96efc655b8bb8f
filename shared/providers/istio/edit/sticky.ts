import { CanaryError } from '../../../objects/canary-error.ts'
import { namespaceOf } from '../../../objects/kube-object.ts'
import { fieldsOf } from '../../../objects/unchecked.ts'
import type { HttpRoute, VirtualService, WeightedDestination } from '../../../objects/virtual-service.ts'
import type { WantedSplit, WantedSticky } from '../../../routing/wanted.ts'
import { recordOf, type StickyRecord } from '../read/record/record.ts'
import { isOfCookie, responseHeaders } from '../read/record/sticky.ts'
import { idOf, listOf, type RoutedService } from '../read/routed-service.ts'
import { withRecord } from '../../../routing/record/write-record.ts'

/** How a split keeps users at their version: what is written down, and the cookie's value for each version. */
export interface Stickiness {
  readonly record: StickyRecord
  /** By version as people call it; versions without a share have none. */
  readonly values: ReadonlyMap<string, string>
}

/**
 * The cookie of each version for a split that is wanted. The value for a canary stays the same while the canary
 * lasts; the one for the stable version, the first of the split, ends at each change of weight, so that a share
 * can grow.
 */
export function stickinessOf(
  { cookie, ttl, since }: WantedSticky,
  { shares }: WantedSplit,
  earlier: StickyRecord | undefined,
): Stickiness {
  const split = shares.map(({ version, percent }) => `${version}=${percent}`).join(',')
  const isSame = earlier?.cookie === cookie
  const start = isSame ? earlier.start : startOf(since)
  const turn = !isSame ? 1 : earlier.split === split ? earlier.turn : earlier.turn + 1
  const values = shares.flatMap(({ version, percent }, i) =>
    percent > 0 ? [[version, `${version}~${start}${i === 0 ? `.${turn}` : ''}`] as const] : [],
  )
  return { record: { cookie, ttl, start, turn, split }, values: new Map(values) }
}

/** A second of time in few characters. */
const startOf = (since = ''): string => Math.floor((Date.parse(since) || 0) / 1000).toString(36)

/** The cookies of a route's destinations: the one that they are to set, and the name of the one that goes. */
export interface CookieEdit {
  /** The `Set-Cookie` header that comes; undefined where none does. */
  readonly sets?: string | undefined
  readonly gone?: string | undefined
}

/** The `Set-Cookie` header of a version. A proxy adds it to the response, beside those of the application. */
export const setCookieOf = ({ record: { cookie, ttl }, values }: Stickiness, version: string) => {
  const value = values.get(version)
  return value === undefined
    ? undefined
    : `${cookie}=${value}; Max-Age=${ttl}; Path=/; HttpOnly; SameSite=Lax`
}

/** A destination with the cookie that it is to set, and without the one that goes. */
export function withCookie(
  destination: WeightedDestination,
  { sets, gone }: CookieEdit,
): WeightedDestination {
  if (sets === undefined && gone === undefined) return destination
  const headers = fieldsOf(Reflect.get(destination, 'headers'))
  const response = responseHeaders(destination)
  const before = fieldsOf(response['add'])
  const isGone = ([name, value]: readonly [string, unknown]): boolean =>
    isSetCookie(name) && gone !== undefined && isOfCookie(value, gone)
  const kept = Object.entries(before)
    .filter(entry => sets !== undefined || !isGone(entry))
    .map((entry): readonly [string, unknown] => (isGone(entry) ? [entry[0], sets] : entry))
  const isNew = sets !== undefined && !Object.entries(before).some(isGone)
  const add = { ...Object.fromEntries(kept), ...(isNew ? { 'Set-Cookie': sets } : {}) }
  if (JSON.stringify(add) === JSON.stringify(before)) return destination
  return filled(destination, 'headers', filled(headers, 'response', filled(response, 'add', add)))
}

/** An object with one of its maps replaced, at its place among the keys; without it where it is empty now. */
function filled<T extends object>(object: T, key: string, map: object): T {
  if (Object.keys(map).length > 0) return { ...object, [key]: map }
  const { [key]: _, ...rest } = object as Record<string, unknown>
  return rest as T
}

const isSetCookie = (name: string): boolean => name.toLowerCase() === 'set-cookie'

/**
 * Throws a CanaryError `refused` where a route's responses get a `Set-Cookie` header from somebody else: Istio takes
 * one value for a header.
 */
export function requireNoCookie(
  { virtualService, place }: { readonly virtualService: VirtualService; readonly place: string },
  route: object,
  gone: string | undefined,
): void {
  const destinations = listOf((route as HttpRoute).route)
  const isTaken = (carrier: object, fields: readonly string[]): boolean =>
    fields.some(field =>
      Object.entries(fieldsOf(responseHeaders(carrier)[field])).some(
        ([name, value]) => isSetCookie(name) && !(gone !== undefined && isOfCookie(value, gone)),
      ),
    )
  if (!isTaken(route, ['set']) && !destinations.some(each => isTaken(each, ['add', 'set']))) return
  throw new CanaryError(
    'refused',
    `VirtualService ${namespaceOf(virtualService)}/${virtualService.metadata.name}, spec.${place}: users cannot keep their version by a cookie: the route already sets the response header Set-Cookie, of which Istio takes one value`,
    { hints: ['Let the application set that cookie, or leave out --sticky.'] },
  )
}

/** Writes down what the split's cookies are, or that there are none any more. */
export function withSticky(
  virtualService: VirtualService,
  service: RoutedService,
  sticky: StickyRecord | undefined,
): VirtualService {
  const record = recordOf(virtualService)
  const { [idOf(service)]: earlier, ...others } = record.restore?.sticky ?? {}
  if (earlier === undefined && sticky === undefined) return virtualService
  const all = sticky === undefined ? others : { ...others, [idOf(service)]: sticky }
  return withRecord(virtualService, { ...record, restore: { ...record.restore, sticky: all } })
}
