import { refOf } from '../../objects/kinds.ts'
import {
  cohortsAnnotation,
  isStableReadable,
  recordIn,
  stableAnnotation,
} from '../../providers/istio/read/record/record.ts'
import { removeAnnotationCommand } from '../../objects/kubectl-commands.ts'
import type { Rule, Violation } from '../rule.ts'

/** Without its record no cohort is known, and every edit of the VirtualService is refused. */
export const unreadableRecord: Rule<'VirtualService'> = {
  id: 'unreadable-record',
  severity: { webhook: 'warning', lint: 'warning' },
  summary: `The annotations ${cohortsAnnotation} and ${stableAnnotation} are as kubectl canary writes them.`,
  fix: 'Remove the annotation: the routes stay as they are, and those of cohorts are then routes like others. Or restore its text from the last version that was right.',
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
        'the record of cohorts is not what kubectl canary wrote, so that no cohort is known',
      )
    if (!isStableReadable(subject))
      yield unreadable(
        stableAnnotation,
        'the stable version is neither a version nor a list such as catalog=v1,orders=v3',
      )
  },
}
