import { keyOf, type Ref } from '../../shared/objects/kube-object.ts'
import type { Judgement } from '../../shared/rules/introduced.ts'
import type { AnyRule, Finding, Rule, Violation, Worsening } from '../../shared/rules/rule.ts'
import { Spent } from '../../shared/view/session.ts'

const cause = Symbol('the error of a rule')

/**
 * The rule, with its own failure reported as a finding on the object that it failed on. So a failure on an
 * unchanged object is an existing problem, which the audit reports, and does not block changes of related
 * objects.
 */
export function withFaultsAsFindings(rule: AnyRule): AnyRule {
  const check: Rule['check'] = function* (view, subject, settings) {
    try {
      yield* rule.check(view, subject as never, settings)
    } catch (error) {
      yield { path: [], about: `fault of ${rule.id}`, ...faultOf(error) }
    }
  }
  return Object.assign({}, rule, {
    check,
    ...(rule.worsening === undefined ? {} : { worsening: withFaultsOfWorsening(rule.worsening) }),
  })
}

/** A finding whose comparison fails is a fault; without a severity it stays introduced or existing. */
const withFaultsOfWorsening = (worsening: Worsening): Worsening => ({
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
  // Not a failure of the rule: the review has reached its limit.
  if (error instanceof Spent) throw error
  return { message: 'the rule failed', [cause]: error }
}

/** Whether a finding is the failure of a rule. */
export const isFault = (finding: Finding): boolean => cause in finding

/** Throws the error of a rule that failed on the changed object, or that fails only after the change. */
export function throwFaults({ introduced, standing }: Judgement, changed: Ref): void {
  const fault = [...introduced, ...standing.filter(({ ref }) => keyOf(ref) === keyOf(changed))].find(
    isFault,
  ) as { readonly [cause]: unknown } | undefined
  if (fault !== undefined) throw fault[cause]
}
