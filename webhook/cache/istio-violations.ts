import type { KubeObject } from '../../shared/objects/kube-object.ts'
import { kindOf, type Kind } from '../../shared/objects/kinds.ts'
import { istioRejects } from '../../shared/rules/istio/istio-rejects.ts'
import type { AnyRule, Rule, RuleSettings, Violation } from '../../shared/rules/rule.ts'
import { snapshot } from '../../shared/view/snapshot.ts'
import { re2FaultsOfOne } from './re2-fault.ts'

const ruleOf: ReadonlyMap<Kind, AnyRule> = new Map(istioRejects.map(rule => [rule.subject, rule]))
/** By group and kind: a Gateway of the Gateway API is none of Istio's. */
function istioRuleOf(object: KubeObject): AnyRule | undefined {
  const kind = kindOf(object)
  return kind === undefined ? undefined : ruleOf.get(kind)
}
/** Whether rules read the whole object, and not only what the cache keeps of it. */
export const isJudgedWhole = (object: KubeObject): boolean => istioRuleOf(object) !== undefined
const settings: RuleSettings = { complete: true, relativeWeights: false }
const emptyView = snapshot([])
const none: readonly Violation[] = []

const remembered = new WeakMap<KubeObject, readonly Violation[]>()

/**
 * Checks a whole object by `istio-rejects` and remembers the violations for its projection: the rule reads every
 * field, so it cannot check a projection. If the rule fails, nothing is remembered, and the failure is reported
 * when the projection is checked.
 */
export function rememberViolations(whole: KubeObject, kept: KubeObject): KubeObject {
  const rule = istioRuleOf(kept)
  if (rule === undefined) return kept
  try {
    const found = [...rule.check(emptyView, whole as never, { ...settings, re2Fault: re2FaultsOfOne() })]
    remembered.set(kept, found.length === 0 ? none : found)
  } catch {
    // Reported later, see above.
  }
  return kept
}

/**
 * The rules, with `istio-rejects` replaced by what it found on the whole object; other objects it still checks. Those
 * about regular expressions get a function that reports one that RE2 does not accept.
 */
export const withRememberedViolations = (rules: readonly AnyRule[]): readonly AnyRule[] =>
  rules.map(rule =>
    istioRejects.includes(rule) ? recalling(rule) : rule.id === 'invalid-regex' ? withRegexes(rule) : rule,
  )

function withRegexes(rule: AnyRule): AnyRule {
  const check: Rule['check'] = (view, subject, settings) =>
    rule.check(view, subject as never, { ...settings, re2Fault: re2FaultsOfOne() })
  return Object.assign({}, rule, { check })
}

function recalling(rule: AnyRule): AnyRule {
  const check: Rule['check'] = (view, subject, settings) =>
    remembered.get(subject) ?? rule.check(view, subject as never, { ...settings, re2Fault: re2FaultsOfOne() })
  return Object.assign({}, rule, { check })
}
