import { judgeChanges, type Judge } from '../../shared/rules/introduced.ts'
import type { ClusterView } from '../../shared/view/cluster-view.ts'

/**
 * Judges one deletion of every kind that rules judge, for nothing but the indexes that a view builds when it is first asked: on a large cluster that
 * takes a second, which the first review should not have to wait. Never throws.
 */
export function warmUp(view: ClusterView, judge: Judge): void {
  for (const kind of new Set(judge.rules.map(({ subject }) => subject))) {
    const [before] = view.list(kind)
    try {
      if (before !== undefined) judgeChanges(judge, view, [{ before }])
    } catch {
      // A rule that fails will say so in the review or the audit that it fails in.
    }
  }
}
