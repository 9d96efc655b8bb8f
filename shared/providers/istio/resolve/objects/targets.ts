import type { Path } from '../../../../objects/paths.ts'
import { fieldsOf, isFields, itemsOf, numberOf, textOf } from '../../../../objects/unchecked.ts'

/**
 * One destination or mirror as it is written; names without a dot are of `namespace`, which for a delegate's
 * routes is the delegate's.
 */
export interface RouteTarget {
  readonly place: Path
  /** Its place in the delegate that has it; left out where no delegate does. */
  readonly placeInDelegate?: Path
  readonly host: string
  readonly namespace: string
  readonly subset: string | undefined
  readonly port: number | undefined
  readonly weight: number | undefined
  /** Of a mirror: how much of the requests it gets a copy of. */
  readonly percent: number | undefined
  readonly isMirror: boolean
  /**
   * Whether traffic can reach it when its route is reached: not of weight 0 among several, not a mirror of 0
   * %.
   */
  readonly hasShare: boolean
}

/** Where a route is written, and the namespace in which it speaks. */
export interface Standing {
  readonly place: Path
  readonly namespace: string
}

/** A route as it is written. */
type RouteFields = Readonly<Record<string, unknown>>

/** Whether a route answers by itself, so that nothing reaches its destinations. */
export const answersItself = (route: RouteFields): boolean =>
  isFields(route['redirect']) || isFields(route['directResponse'])

/** The destinations of a route. */
export function destinationsIn(route: RouteFields, { place, namespace }: Standing): readonly RouteTarget[] {
  const list = itemsOf(route['route'])
  return list.flatMap((item, i) => {
    const weight = numberOf(fieldsOf(item)['weight'])
    return targetOf(fieldsOf(item)['destination'], {
      place: [...place, 'route', i, 'destination'],
      namespace,
      weight,
      percent: undefined,
      isMirror: false,
      hasShare: list.length === 1 || (weight ?? 0) > 0,
    })
  })
}

/** The one mirror of a route, by its older spelling (MirrorPercent). */
export function mirrorIn(route: RouteFields, { place, namespace }: Standing): readonly RouteTarget[] {
  const percent = isFields(route['mirrorPercentage'])
    ? (numberOf(route['mirrorPercentage']['value']) ?? 0)
    : (numberOf(route['mirrorPercent'] ?? route['mirror_percent']) ?? 100)
  return targetOf(route['mirror'], { place: [...place, 'mirror'], namespace, ...mirrored(percent) })
}

/** The list of mirrors of a route (MirrorPercentByPolicy). */
export const mirrorsIn = (route: RouteFields, { place, namespace }: Standing): readonly RouteTarget[] =>
  itemsOf(route['mirrors']).flatMap((item, i) => {
    const { destination, percentage } = fieldsOf(item)
    const percent = isFields(percentage) ? (numberOf(percentage['value']) ?? 0) : 100
    return targetOf(destination, {
      place: [...place, 'mirrors', i, 'destination'],
      namespace,
      ...mirrored(percent),
    })
  })

const mirrored = (percent: number) => ({
  weight: undefined,
  percent,
  isMirror: true,
  hasShare: percent > 0,
})

function targetOf(
  value: unknown,
  rest: Omit<RouteTarget, 'host' | 'subset' | 'port'>,
): readonly RouteTarget[] {
  const destination = fieldsOf(value)
  const host = textOf(destination['host'])
  if (host === undefined) return []
  return [
    {
      ...rest,
      host,
      subset: textOf(destination['subset']),
      port: numberOf(fieldsOf(destination['port'])['number']),
    },
  ]
}
