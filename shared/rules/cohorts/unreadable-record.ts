import { refOf } from '../../objects/kinds.ts'
import type { KubeObject } from '../../objects/kube-object.ts'
import { cohortsAnnotation, readRecord, stableAnnotation } from '../../routing/record/record.ts'
import { isStableReadable } from '../../routing/record/stable.ts'
import { removeAnnotationCommand } from '../../objects/text/kubectl-commands.ts'
import { eachRoute } from '../facts/each-route.ts'
import type { Rule, Violation } from '../rule.ts'

const described = {
  id: 'unreadable-record',
  severity: { webhook: 'warning', lint: 'warning' },
  summary: `The annotations ${cohortsAnnotation} and ${stableAnnotation} have the form in which kubectl canary writes them.`,
  fix: 'Remove the annotation: the routes do not change, but those of cohorts become ordinary routes. Or restore the annotation from an earlier version of the object.',
  reads: [],
} as const

/** Without its record no cohort is known, and every edit of the VirtualService is refused. */
export const unreadableRecord: Rule<'VirtualService'> = {
  ...described,
  subject: 'VirtualService',
  check: (_view, subject) => violations(subject),
}

/** The same on an HTTPRoute or GRPCRoute. */
export const unreadableRouteRecord = eachRoute({
  ...described,
  check: (_view, route) => violations(route),
})

/** The same on an ApisixRoute. */
export const unreadableApisixRecord: Rule<'ApisixRoute'> = {
  ...described,
  subject: 'ApisixRoute',
  check: (_view, route) => violations(route),
}

function* violations(subject: KubeObject): Iterable<Violation> {
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
  if (readRecord(subject) === undefined)
    yield unreadable(
      cohortsAnnotation,
      'the annotation does not have the form that kubectl canary writes, so no cohort is known',
    )
  if (!isStableReadable(subject))
    yield unreadable(
      stableAnnotation,
      'the stable version is neither a version nor a list such as catalog=v1,orders=v3',
    )
}
