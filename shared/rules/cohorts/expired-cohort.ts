import { cohortsAnnotation } from '../../routing/record/record.ts'
import { recordIn } from '../../providers/istio/read/record/record.ts'
import { recordedService } from '../fixes/remove-cohort.ts'
import { removeCohortWords, shellWord } from '../../objects/text/kubectl-commands.ts'
import type { Rule } from '../rule.ts'

/** The end that `cohort --until` notes is a promise to people: nothing ends a cohort by itself. */
export const expiredCohort: Rule<'VirtualService'> = {
  id: 'expired-cohort',
  severity: { webhook: 'warning', lint: 'warning' },
  summary: 'A cohort is removed after its end.',
  fix: 'Remove the cohort: kubectl canary cohort NAME --remove. Or set a later end with --until.',
  subject: 'VirtualService',
  reads: [],
  *check(view, subject, { now }) {
    if (now === undefined) return
    for (const cohort of recordIn(subject)?.cohorts ?? []) {
      const { name, service, to, until } = cohort
      if (until === undefined || !(Date.parse(until) < now)) continue
      const words = removeCohortWords(name, recordedService(view, subject, cohort))
      yield {
        path: ['metadata', 'annotations', cohortsAnnotation],
        message: `cohort ${name} of ${service} ended at ${until}, but its requests still go to ${to}`,
        about: `${service} ${name}`,
        fix: ['kubectl canary', ...words.map(shellWord)].join(' '),
        canary: words,
      }
    }
  },
}
