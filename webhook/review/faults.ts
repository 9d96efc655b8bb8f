import { keyOf, type Ref } from '../../shared/objects/kube-object.ts'
import type { Judgement } from '../../shared/rules/introduced.ts'
import type { AnyRule, Finding, Rule, Violation, Worsening } from '../../shared/rules/rule.ts'
import { Spent } from '../../shared/view/session.ts'

const cause = Symbol('the error of a rule')

/**
 * A rule that tells of its own failure as a finding on the object that it failed on. So one that fails on an
 * object that has long been there is a standing
 * fault, which is for the audit to report, and does not keep everybody from changing what is related to that
 * object.
 */
export function tellingFaults(rule: AnyRule): AnyRule {
  const check: Rule['check'] = function* (view, subject, settings) {
    try {
      yield* rule.check(view, subject as never, settings)
    } catch (error) {
      yield { path: [], about: `fault of ${rule.id}`, ...faultOf(error) }
    }
  }
  return Object.assign({}, rule, {
    check,
    ...(rule.worsening === undefined ? {} : { worsening: tellingItsFaults(rule.worsening) }),
  })
}

/**
 * A finding that could not be compared stays introduced or standing, as it is without a severity, and is a
 * fault.
 */
const tellingItsFaults = (worsening: Worsening): Worsening => ({
  ...worsening,
  weigh(sides, finding, settings) {
    try {
      return worsening.weigh(sides, finding, settings)
    } catch (error) {
      return faultOf(error)
    }
  },
})

function faultOf(error: unknown): Pick<Violation, 'message'> & { readonly [cause]: unknown } {
  // No rule's fault: the judgement ends here.
  if (error instanceof Spent) throw error
  return { message: 'the rule failed', [cause]: error }
}

/** Whether a finding is no more than a rule's failure. */
export const isFault = (finding: Finding): boolean => cause in finding

/**
 * Throws a rule's error where the change has to do with it: it is on the object that is changed, or was not
 * there before.
 */
export function throwFaults({ introduced, standing }: Judgement, changed: Ref): void {
  const fault = [...introduced, ...standing.filter(({ ref }) => keyOf(ref) === keyOf(changed))].find(
    isFault,
  ) as { readonly [cause]: unknown } | undefined
  if (fault !== undefined) throw fault[cause]
}
