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

const sharesOf = (shares: readonly Share[]) => shares.map(({ version, percent }) => [version, percent])

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
