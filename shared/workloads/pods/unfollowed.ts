import type { KubeObject, Labels } from '../../objects/kube-object.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import { mayMatch, ownKeysOf, type Backing } from '../backings.ts'
import { podVariantsOf } from '../workload-indexes.ts'
import { keepingOf } from './kept-pods.ts'
import { labelsOfNext, podsMadeBy } from './made-pods.ts'

/** A workload of which the pods stay behind a Service until somebody deletes them, and the next ones are not behind it. */
export interface Unfollowed {
  readonly object: KubeObject
  /** The labels that the Service selects, and that the template does not have. */
  readonly missing: readonly string[]
}

/** What is selected of that which is behind a Service. */
export interface SelectedOf {
  readonly selector: Labels
  /** Those of the version, where only that is meant. */
  readonly labels: Labels
  readonly backings: readonly Backing[]
}

/**
 * The workload whose pods are the last that are selected, where they are followed by pods without a label that the Service
 * selects (`OnDelete`); undefined if others stay. Another value of the label is another version, which a template may have.
 */
export function unfollowedBy(
  view: ClusterView,
  { selector, labels, backings }: SelectedOf,
): Unfollowed | undefined {
  const keys = ownKeysOf(selector)
  let last: Unfollowed | undefined
  for (const { object, isKept, isDormant, labels: own } of backings) {
    if (isDormant || !mayMatch(labels, own)) continue
    if (isKept !== true || object === undefined || keepingOf(object)?.isUntilDeleted !== true)
      return undefined
    const next = [
      podVariantsOf(object)[0]?.labels,
      ...podsMadeBy(view, object, selector).map(pod => labelsOfNext(view, pod)),
    ]
    const missing = keys.filter(key => next.every(each => each?.[key] === undefined))
    if (missing.length === 0) return undefined
    last ??= { object, missing }
  }
  return last
}

/** That nothing follows, after the name of what is called. */
export const sayingUnfollowed = ({ object, missing }: Unfollowed): string =>
  `will have no pods: ${object.kind} ${object.metadata.namespace}/${object.metadata.name} replaces its pods when they are deleted (OnDelete), `
  + `and those that follow do not have ${missing.join(', ')}, which the Service selects`
