import { keyOf, type Ref } from '../../shared/objects/kube-object.ts'
import type { Judgement } from '../../shared/rules/introduced.ts'
import type { AnyRule, Finding, Rule, Violation } from '../../shared/rules/rule.ts'
import { Spent } from '../../shared/view/session.ts'

const cause = Symbol('the error of a rule')

/**
 * A rule that tells of its own failure as a finding on the object that it failed on. So one that fails on an object that has long been there is a standing
 * fault, which is for the audit to report, and does not keep everybody from changing what is related to that object.
 */
export function tellingFaults(rule: AnyRule): AnyRule {
  const check: Rule['check'] = function* (view, subject, settings) {
    try {
      yield* rule.check(view, subject as never, settings)
    } catch (error) {
      // No rule's fault: the judgement ends here.
      if (error instanceof Spent) throw error
      const fault: Violation & { readonly [cause]: unknown } = {
        path: [],
        message: 'the rule failed',
        about: `fault of ${rule.id}`,
        [cause]: error,
      }
      yield fault
    }
  }
  return Object.assign({}, rule, { check })
}

/** Whether a finding is no more than a rule's failure. */
export const isFault = (finding: Finding): boolean => cause in finding

/** Throws a rule's error where the change has to do with it: it is on the object that is changed, or was not there before. */
export function throwFaults({ introduced, standing }: Judgement, changed: Ref): void {
  const fault = [...introduced, ...standing.filter(({ ref }) => keyOf(ref) === keyOf(changed))].find(
    isFault,
  ) as { readonly [cause]: unknown } | undefined
  if (fault !== undefined) throw fault[cause]
}
