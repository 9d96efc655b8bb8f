import type { ClusterView } from '../view/cluster-view.ts'
import type { Sources } from '../view/sources.ts'
import type { Reading } from '../view/store.ts'
import type { Exempting } from './exemptions.ts'
import { valueAt } from '../objects/paths.ts'
import type { Finding, Path } from './rule.ts'

/** What exempts findings on the objects of a reading: their annotations, and the comments in its files. */
export const exemptingIn = (
  { view, sources }: Pick<Reading, 'view' | 'sources'>,
  rules: readonly { readonly id: string }[],
): Exempting => ({
  ids: new Set(rules.map(({ id }) => id)),
  objectOf: ({ ref }) => view.get(ref),
  ...(sources === undefined ? {} : { commentsOf: commentsIn(sources, view) }),
})

/**
 * The comments in files about the place of a finding. A comment in a list is about the list as well: the
 * wrong weight is on a line of its own.
 */
const commentsIn =
  (sources: Sources, view: ClusterView) =>
  ({ ref, path }: Finding): readonly string[] => {
    const value = valueAt(view.get(ref), path)
    const places = Array.isArray(value) ? [path, ...placesIn(value, path)] : [path, [...path, 0]]
    return [...new Set(places.flatMap(place => sources.commentsAt(ref, place)))]
  }

const placesIn = (value: unknown, path: Path): readonly Path[] =>
  typeof value !== 'object' || value === null
    ? []
    : Object.entries(value).flatMap(([key, child]) => {
        const place = [...path, Array.isArray(value) ? Number(key) : key]
        return [place, ...placesIn(child, place)]
      })
