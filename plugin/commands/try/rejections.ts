import { keyOf, type Ref } from '../../../shared/objects/kube-object.ts'
import type { Rejection } from '../../../shared/routing/traffic.ts'
import { findingsOf } from '../../../shared/rules/introduced.ts'
import { ofRejections, rejectionsIn } from '../../../shared/rules/reported-findings.ts'
import type { Trial } from '../../../shared/trial/trial.ts'
import type { ClusterView } from '../../../shared/view/cluster-view.ts'
import { checkRegexWith } from '../../words/regex.ts'
import type { ReadWorld } from './world.ts'

/** Adds to each trial what refuses the objects by which it is decided. */
export type MarkRejections = (trials: readonly Trial[]) => readonly Trial[]

/**
 * Marks trials by objects of files; what the cluster `before` has was accepted, and for it alone no schemas are loaded. The
 * schemas of a kind are loaded once.
 */
export async function rejectionMarks(
  { view, reading }: ReadWorld,
  before: ReadWorld,
): Promise<MarkRejections> {
  const isAccepted = (ref: Ref): boolean => before.view.get(ref) === view.get(ref)
  if (reading.live && view === before.view) return trials => trials
  const [{ catalogue }, re2Fault] = await Promise.all([
    import('../../../shared/rules/catalogue.ts'),
    checkRegexWith(),
  ])
  const rules = catalogue.filter(({ id }) => ofRejections.has(id))
  const settings = { complete: reading.live, relativeWeights: false, re2Fault }
  const rejectionOf = (ref: Ref, world: ClusterView): Rejection | undefined => {
    const findings = findingsOf({ rules, settings }, world, [ref])
    return rejectionsIn({ rules, settings, view: world, sources: reading.sources })(findings).get(keyOf(ref))
  }
  const known = new Map<string, Rejection | undefined>()
  return trials =>
    trials.map(trial => {
      for (const ref of decidingObjects(trial)) {
        if (reading.live && isAccepted(ref)) continue
        const key = keyOf(ref)
        if (!known.has(key)) known.set(key, rejectionOf(ref, view))
        const rejected = known.get(key)
        if (rejected !== undefined) return { ...trial, rejected }
      }
      return trial
    })
}

/** The objects of the route that takes a request; where none does, those of the routes that were tried. */
const decidingObjects = ({ bypass, decision: { route, considered } }: Trial): readonly Ref[] =>
  bypass !== undefined
    ? []
    : (route === undefined ? considered.map(each => each.route) : [route]).flatMap(({ owner, object }) => [
        owner,
        object,
      ])
