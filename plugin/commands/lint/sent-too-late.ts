import { refOf } from '../../../shared/objects/kinds.ts'
import { keyOf, type Ref } from '../../../shared/objects/kube-object.ts'
import type { VirtualService } from '../../../shared/objects/virtual-service.ts'
import type { ClusterView } from '../../../shared/view/cluster-view.ts'
import { formatPosition, type Sources } from '../../../shared/view/sources.ts'
import { evaluate } from '../../../shared/providers/istio/resolve/evaluate.ts'

/**
 * What the guard would refuse of a single `kubectl apply -f`: a VirtualService whose DestinationRule comes
 * after it, by file name or in the same file. A line for each such pair; it is no finding, because the files
 * are right once all of them are applied.
 */
export function sentTooLate(view: ClusterView, files: Sources): readonly string[] {
  const placeOf = (ref: Ref): string => formatPosition(files.positionOf(ref, [])!)
  return view.list('VirtualService').flatMap(object => {
    const route = refOf(object)
    const isLater = (ref: Ref): boolean => files.precedes(route, ref)
    const late = neededBy(view, object)
      .filter(({ host, rules }) => (host === undefined || !isLater(host)) && rules.every(isLater))
      .map(({ rules }) => rules[0]!)
    return [...new Map(late.map(rule => [keyOf(rule), rule]))].map(
      ([key, rule]) =>
        `${placeOf(rule)}: apply ${key} before ${keyOf(route)} (${placeOf(route)}), which uses a subset that it defines`,
    )
  })
}

interface Needed {
  /** Where nothing provides the host yet, the guard only warns. */
  readonly host: Ref | undefined
  readonly rules: readonly Ref[]
}

/**
 * For each subset that gets traffic, what provides the host, and the DestinationRules that define the subset.
 */
const neededBy = (view: ClusterView, object: VirtualService): readonly Needed[] =>
  evaluate(view, object, { complete: false }).references.flatMap(({ idle, target: { subset }, outcomes }) =>
    idle !== undefined || subset === undefined
      ? []
      : outcomes.flatMap(({ rule, provider }) => {
          const defining =
            rule?.from.filter(({ spec }) => spec.subsets?.some(({ name }) => name === subset)) ?? []
          return defining.length === 0 ? [] : [{ host: provider?.ref, rules: defining.map(refOf) }]
        }),
  )
