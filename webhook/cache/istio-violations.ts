import type { KubeObject } from '../../shared/objects/kube-object.ts'
import type { Kind } from '../../shared/objects/kinds.ts'
import { istioRejects } from '../../shared/rules/istio/istio-rejects.ts'
import type { AnyRule, Rule, RuleSettings, Violation } from '../../shared/rules/rule.ts'
import { snapshot } from '../../shared/view/snapshot.ts'
import { re2FaultsOfOne } from './re2-fault.ts'

const ruleOf: ReadonlyMap<Kind, AnyRule> = new Map(istioRejects.map(rule => [rule.subject, rule]))
const settings: RuleSettings = { complete: true, relativeWeights: false }
const nothing = snapshot([])
const none: readonly Violation[] = []

const verdicts = new WeakMap<KubeObject, readonly Violation[]>()

/**
 * Judges an object by `istio-rejects` while it is whole, and remembers the verdict with what is kept of it:
 * the rule reads every field, and of an object
 * that lacks some it would say what is not so. One that the rule fails on is kept without, and fails again
 * where that is reported.
 */
export function rememberVerdict(whole: KubeObject, kept: KubeObject): KubeObject {
  const rule = ruleOf.get(kept.kind as Kind)
  if (rule === undefined) return kept
  try {
    const found = [...rule.check(nothing, whole as never, { ...settings, re2Fault: re2FaultsOfOne() })]
    verdicts.set(kept, found.length === 0 ? none : found)
  } catch {
    // Said above.
  }
  return kept
}

/**
 * The rules as what is kept is judged by them: `istio-rejects` says what it said of the whole object, and
 * judges anew what comes whole.
 */
export const byVerdicts = (rules: readonly AnyRule[]): readonly AnyRule[] =>
  rules.map(rule => (istioRejects.includes(rule) ? recalling(rule) : rule))

function recalling(rule: AnyRule): AnyRule {
  const check: Rule['check'] = (view, subject, settings) =>
    verdicts.get(subject) ?? rule.check(view, subject as never, { ...settings, re2Fault: re2FaultsOfOne() })
  return Object.assign({}, rule, { check })
}
