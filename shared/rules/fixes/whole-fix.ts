import { keyOf } from '../../objects/kube-object.ts'
import { withValueAt } from '../../objects/paths.ts'
import type { Change } from '../../view/change.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import { overlay } from '../../view/overlay.ts'
import type { Finding, FixStep } from '../rule.ts'

/** Of so many causes at most the fixes are put together. */
const mostSteps = 4

/** The finding that is left of one after changes; undefined where it is gone. */
export type FindAgain = (changes: readonly Change[]) => Finding | undefined

/**
 * A finding whose fix, followed to the letter, removes it: where several causes are behind one finding, its fix has a
 * step for each. A fix after which the finding stays as it is is replaced by what is always right, `otherwise`.
 */
export function withWholeFix(
  view: ClusterView,
  finding: Finding,
  { findAgain, otherwise }: { readonly findAgain: FindAgain; readonly otherwise: string },
): Finding {
  const steps: FixStep[] = []
  const changes: Change[] = []
  for (let left: Finding | undefined = finding; left !== undefined; left = findAgain(changes)) {
    const isKnown = steps.some(({ fix }) => fix === left?.fix)
    if (isKnown || steps.length === mostSteps) return unfixed(finding, steps.slice(0, -1), otherwise)
    steps.push(stepOf(left))
    const change = changeOf(overlay(view, changes), left)
    // What a person has to do, or has to choose.
    if (change === undefined) break
    changes.push(change)
  }
  return steps.length === 1 ? finding : together(finding, steps)
}

const stepOf = ({ fix, sets, creates }: Finding): FixStep => ({
  fix,
  ...(sets !== undefined && { sets }),
  ...(creates !== undefined && { creates }),
})

/** What the first steps do not solve is said in general. */
function unfixed(finding: Finding, steps: readonly FixStep[], otherwise: string): Finding {
  return steps.length === 0
    ? { ...withoutStep(finding), fix: otherwise }
    : together(finding, [...steps, { fix: otherwise }])
}

const together = (finding: Finding, steps: readonly FixStep[]): Finding => ({
  ...withoutStep(finding),
  fix: steps.map(({ fix }) => fix).join('\n'),
  steps,
})

const withoutStep = ({ sets: _, creates: __, ...finding }: Finding): Finding => finding

/** What a step changes; undefined where it is not known, or a person is needed first. */
function changeOf(view: ClusterView, { sets, creates, fix }: Finding): Change | undefined {
  if (fix.startsWith('First ')) return undefined
  if (creates !== undefined) return { after: creates }
  const before = sets && view.get(sets.ref)
  if (before === undefined) return undefined
  const { path, value, isItem = false } = sets!
  return { before, after: withValueAt(before, path, { value, isItem }) }
}

/** Whether a fix is made somewhere else than in the object that it is for, so that it need not be enough. */
export const isElsewhere = ({ ref, sets, creates }: Finding): boolean =>
  creates !== undefined || (sets !== undefined && keyOf(sets.ref) !== keyOf(ref))
