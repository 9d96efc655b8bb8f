import { refOf } from '../../objects/kinds.ts'
import { cohortsAnnotation, stableAnnotation } from '../../routing/record/record.ts'
import { isStableReadable } from '../../routing/record/stable.ts'
import { recordIn } from '../../providers/istio/read/record/record.ts'
import { removeAnnotationCommand } from '../../objects/text/kubectl-commands.ts'
import type { Rule, Violation } from '../rule.ts'

/** Without its record no cohort is known, and every edit of the VirtualService is refused. */
export const unreadableRecord: Rule<'VirtualService'> = {
  id: 'unreadable-record',
  severity: { webhook: 'warning', lint: 'warning' },
  summary: `The annotations ${cohortsAnnotation} and ${stableAnnotation} have the form in which kubectl canary writes them.`,
  fix: 'Remove the annotation: the routes do not change, but those of cohorts become ordinary routes. Or restore the annotation from an earlier version of the object.',
  subject: 'VirtualService',
  reads: [],
  *check(_view, subject) {
    const ref = refOf(subject)
    const unreadable = (key: string, message: string): Violation => {
      const path = ['metadata', 'annotations', key]
      return {
        path,
        message,
        about: key,
        fix: removeAnnotationCommand(ref, key),
        sets: { ref, path, value: undefined },
      }
    }
    if (recordIn(subject) === undefined)
      yield unreadable(
        cohortsAnnotation,
        'the annotation does not have the form that kubectl canary writes, so no cohort is known',
      )
    if (!isStableReadable(subject))
      yield unreadable(
        stableAnnotation,
        'the stable version is neither a version nor a list such as catalog=v1,orders=v3',
      )
  },
}
