import { isLabel } from '../../objects/hosts.ts'
import { firstPlaces } from '../../objects/text/first-places.ts'
import type { Path } from '../rule.ts'
import type { Fault } from '../schema/fault.ts'
import { faultAt } from './names.ts'

/** Whose `exportTo` it is, where that matters. */
export interface Exporter {
  readonly namespace: string
  /** A DestinationRule for chosen workloads is of use in its own namespace only. */
  readonly hasSelector: boolean
  /** A ServiceEntry may be exported to nobody, with `~`. */
  readonly allowsNone?: boolean
}

/** What is wrong with an `exportTo`: `.`, `*` alone, or names of namespaces, each once. */
export function* checkExportTo(
  exportTo: readonly string[],
  { namespace, hasSelector, allowsNone = false }: Exporter,
  path: Path,
): Iterable<Fault> {
  const expanded = exportTo.map(entry => (entry === '.' ? namespace : entry))
  const places = firstPlaces(expanded)
  for (const [i, entry] of expanded.entries()) {
    const isRepeated = places.get(entry)! < i
    yield* faultAt(
      [...path, i],
      isRepeated ? `${entry} is listed twice in exportTo` : entryFault(entry, allowsNone),
    )
  }
  const about = exportTo.join()
  for (const alone of allowsNone ? ['*', '~'] : ['*']) {
    if (expanded.includes(alone) && expanded.length > 1)
      yield { path, message: `${alone} must be the only entry of exportTo`, about }
  }
  if (hasSelector && expanded.some(entry => entry !== namespace)) {
    yield {
      path,
      message: 'a DestinationRule with a workloadSelector can be exported to its own namespace only',
      about,
    }
  }
}

function entryFault(entry: string, allowsNone: boolean): string | undefined {
  if (entry === '*' || isLabel(entry)) return undefined
  if (entry !== '~') return `${JSON.stringify(entry)} is neither ., * nor the name of a namespace`
  return allowsNone ? undefined : 'exportTo cannot be ~ here; use . to keep the object in its namespace'
}
