import { isEqual } from '../../../objects/content/equal.ts'
import type { Destination, HttpRoute } from '../../../objects/virtual-service.ts'
import { mirrorFields, type MirroredRoute, type MirrorFields } from '../read/record/record.ts'
import { listOf } from '../read/routed-service.ts'
import { mirrorKey } from '../read/record/mirrored-routes.ts'
import type { VersionTarget } from '../read/version-target.ts'
import { mirrorItems, type MirrorItem } from '../read/routes/mirrors.ts'

/** A mirror of ours on one route. */
export interface MirrorPart {
  readonly target: VersionTarget
  /** Of the route's requests, in percent: above 0, at most 100, with at most four decimals. */
  readonly percent: number
}

/** How mirrors of ours are told and written on a route. */
export interface MirrorForm {
  /** The version that a destination leads to (see mirrorKey). */
  readonly keyOf: (destination: Destination | undefined) => string | undefined
  /** A destination that leads to a version, with the port that the route has. */
  readonly destinationFor: (target: VersionTarget) => Destination
  /** Write a list, also for one: `mirror` would replace that of a root that delegates to the route. */
  readonly asList?: boolean
}

/** A route with mirrors of ours, and what to write down; nothing where it has none. */
export interface WithMirrors {
  readonly route: HttpRoute
  readonly written?: Omit<MirroredRoute, 'asks'>
}

/**
 * A route that mirrors to these subsets, too. One mirror is written as `mirror`, which every version of Istio
 * knows; several as `mirrors`, beside which Istio refuses a `mirror` (validateHTTPRoute), so that one written by
 * hand becomes an item.
 */
export function withOurs(
  route: HttpRoute,
  parts: readonly MirrorPart[],
  { keyOf, destinationFor, asList = false }: MirrorForm,
): WithMirrors {
  if (parts.length === 0) return { route }
  const items = mirrorItems(route)
  const partOf = ({ destination }: MirrorItem): MirrorPart | undefined =>
    parts.find(({ target }) => mirrorKey(target) === keyOf(destination))
  const kept = items.flatMap((item, i) => {
    const part = partOf(item)
    if (part === undefined) return [item]
    // What leads there twice by hand would copy more than is asked for.
    if (items.slice(0, i).some(earlier => partOf(earlier) === part)) return []
    return [{ ...item, percentage: { value: part.percent } }]
  })
  const added = parts
    .filter(part => !items.some(item => partOf(item) === part))
    .map(({ target, percent }) => ({ destination: destinationFor(target), percentage: { value: percent } }))
  const before = fieldsOf(route)
  const form = formed([...kept, ...added], !asList && route.mirrors === undefined)
  return {
    route: withFields(route, form),
    written: {
      subsets: parts.map(({ target }) => mirrorKey(target)),
      ...(Object.keys(before).length > 0 && { before, keys: Object.keys(route) }),
    },
  }
}

/**
 * A route without the mirrors of ours, as it was written by hand, with what a person has changed in it since. A
 * mirror by hand to the same version has its own percentage again, unless the person took the mirror away.
 */
export function withoutOurs(
  route: HttpRoute,
  { subsets, before = {}, keys = [] }: MirroredRoute,
  keyOf: MirrorForm['keyOf'],
): HttpRoute {
  const items = mirrorItems(route)
  const isOurs = ({ destination }: MirrorItem): boolean => subsets.includes(keyOf(destination) ?? '')
  const left = items.filter(item => !isOurs(item))
  const originals = mirrorItems(before)
  const kept = originals.flatMap(original => {
    if (isOurs(original))
      return items.some(({ destination }) => keyOf(destination) === keyOf(original.destination))
        ? [original]
        : []
    const i = left.findIndex(({ destination }) => isEqual(destination, original.destination))
    return i < 0 ? [] : left.splice(i, 1)
  })
  const hand = [...kept, ...left]
  return isEqual(hand, originals)
    ? withRestored(route, before, keys)
    : withFields(route, formed(hand, wasLone(before) || (before.mirrors ?? route.mirrors) === undefined))
}

const wasLone = ({ mirror, mirrors }: MirrorFields): boolean => mirror !== undefined && mirrors === undefined

const isMirrorField = (key: string): key is keyof MirrorFields =>
  (mirrorFields as readonly string[]).includes(key)

/** What a route has of the fields about mirrors. */
const fieldsOf = (route: HttpRoute): MirrorFields =>
  Object.fromEntries(Object.entries(route).filter(([key]) => isMirrorField(key)))

/** The fields for mirrors: `mirror` for a lone one, where that may be. */
function formed(items: readonly MirrorItem[], maySingle: boolean): MirrorFields {
  const [only, ...others] = items
  if (only === undefined) return {}
  if (others.length > 0 || !maySingle) return { mirrors: items }
  return { mirror: only.destination, ...(only.percentage && { mirrorPercentage: only.percentage }) }
}

/** The route with other fields about mirrors: in the place of those that it has, else at its end. */
function withFields(route: HttpRoute, fields: MirrorFields): HttpRoute {
  const entries = Object.entries(route)
  const isNew = ([key]: readonly [string, unknown]): boolean => !Object.hasOwn(route, key)
  const added = Object.entries(fields).filter(isNew)
  const last = entries.findLastIndex(([key]) => isMirrorField(key))
  const written = entries.flatMap(([key, value], i) => [
    ...(!isMirrorField(key) ? [[key, value]] : Object.hasOwn(fields, key) ? [[key, fields[key]]] : []),
    ...(i === last ? added : []),
  ])
  return Object.fromEntries(last < 0 ? [...written, ...added] : written) as HttpRoute
}

/** The route with the fields that it had, each before the next of the keys that it had then. */
function withRestored(route: HttpRoute, before: MirrorFields, keys: readonly string[]): HttpRoute {
  const entries = Object.entries(route).filter(([key]) => !isMirrorField(key))
  for (const [key, value] of Object.entries(before).toReversed()) {
    const after = keys.slice(keys.indexOf(key) + 1)
    const next = entries.findIndex(([other]) => after.includes(other))
    entries.splice(next < 0 ? entries.length : next, 0, [key, value])
  }
  return Object.fromEntries(entries)
}

/** A route without the mirrors that lead where the test holds, whoever set them. */
export function withoutMirrors(route: HttpRoute, isHit: (destination: Destination) => boolean): HttpRoute {
  const single = route.mirror !== undefined && isHit(route.mirror) ? withoutMirror(route) : route
  const mirrors = listOf(single.mirrors)
  const left = mirrors.filter(({ destination }) => !isHit(destination))
  if (left.length === mirrors.length) return single
  const { mirrors: _, ...rest } = single
  return left.length === 0 ? rest : { ...single, mirrors: left }
}

const withoutMirror = ({
  mirror: _m,
  mirrorPercentage: _p,
  mirrorPercent: _q,
  mirror_percent: _r,
  ...rest
}: HttpRoute): HttpRoute => rest
