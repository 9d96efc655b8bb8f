import { keyOf } from '../objects/kube-object.ts'
import type { EntryPoint, Share, Traffic } from '../routing/traffic.ts'

/**
 * Who gets what of a service, as a text that two readings have in common where nobody changed a route in between. What
 * depends on pods alone is left out.
 */
export const trafficPrint = ({ entryPoints }: Traffic): string =>
  JSON.stringify(
    entryPoints
      .map(point => [keyOf(point.ref), routesOf(point)] as const)
      .toSorted(([one], [other]) => (one < other ? -1 : 1)),
  )

const routesOf = ({ splits, cohorts, mirrors, preview, asked }: EntryPoint) => ({
  splits: asked ?? splits.map(({ takes, shares }) => [takes, sharesOf(shares)]),
  cohorts: cohorts.map(({ name, to, shares, conditions }) => [
    name,
    to,
    shares === undefined ? null : sharesOf(shares),
    conditions,
  ]),
  mirrors: mirrors.map(({ version, percent }) => [version, percent]),
  ...(preview !== undefined && { preview }),
})

type PrintedRoutes = ReturnType<typeof routesOf>

const sharesOf = (shares: readonly Share[]) => shares.map(({ version, percent }) => [version, percent])

/** What was read of the routes of a service. */
export interface SeenRoutes {
  readonly traffic: Traffic
  /** Kinds of which only the objects of some namespaces were read: nothing is known of those of others. */
  readonly narrow?: ReadonlySet<string> | undefined
}

/** The routing objects whose routes are others than in a print, as far as they were read, by their keys. */
export function changedSince(print: string, { traffic, narrow = new Set() }: SeenRoutes): readonly string[] {
  const isSeen = (key: string): boolean => {
    const [kind = '', name = ''] = key.split(' ', 2)
    return !narrow.has(kind) || name.startsWith(`${traffic.namespace}/`)
  }
  return changedBetween(print, trafficPrint(traffic)).filter(isSeen)
}

/**
 * Whether routes are those of a print, by the kinds of their objects: a Service that two APIs route has two readings. True
 * where one of the two has no routes.
 */
export function isSameApi(print: string, { entryPoints }: Traffic): boolean {
  const kinds = kindsOf(print)
  return (
    kinds.length === 0 || entryPoints.length === 0 || entryPoints.some(({ ref }) => kinds.includes(ref.kind))
  )
}

/** The kinds of the routing objects of a print. */
export const kindsOf = (print: string): readonly string[] => [
  ...new Set(objectsOf(print).map(key => key.split(' ', 1)[0]!)),
]

/** The keys of the routing objects of a print. */
export const objectsOf = (print: string): readonly string[] => [...entriesOf(print).keys()]

/** The percentage that a version gets where the numbers of pods in a print decide; undefined where routes say it. */
export function podShareIn(print: string, version: string): number | undefined {
  const splits = (JSON.parse(print) as readonly (readonly [string, Pick<PrintedRoutes, 'splits'>])[]).flatMap(
    ([, routes]) => routes.splits as readonly (readonly [unknown, unknown])[],
  )
  const pods = splits.filter((split): split is [string, number] => typeof split[1] === 'number')
  const all = pods.reduce((sum, [, count]) => sum + count, 0)
  const own = pods.find(([name]) => name === version)?.[1]
  return own === undefined || all === 0 ? undefined : (own * 100) / all
}

/** The routing objects of two prints whose routes differ, by their keys. */
export function changedBetween(one: string, other: string): readonly string[] {
  const [before, after] = [entriesOf(one), entriesOf(other)]
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter(key => before.get(key) !== after.get(key))
    .toSorted()
}

const entriesOf = (print: string): ReadonlyMap<string, string> => {
  const entries: unknown = JSON.parse(print)
  return new Map(
    (entries as readonly (readonly [string, unknown])[]).map(([key, routes]) => [
      key,
      JSON.stringify(routes),
    ]),
  )
}
