import { keyOf, type Ref } from '../objects/kube-object.ts'
import type { Kind } from '../objects/kinds.ts'
import { escaped, escapedLines } from '../objects/text/escaped.ts'
import { derivedOnce } from '../objects/unchecked.ts'
import type { ClusterView } from '../view/cluster-view.ts'
import { charge } from '../view/session.ts'
import type { AnyRule, Finding, RuleSettings, Worsening } from './rule.ts'

/** The same fault, wherever it stands now: rule family, object and what it is about. */
export const identityOf = ({ family, ref, about }: Finding): string => `${family} ${keyOf(ref)} ${about}`

/** Rules by what they judge. */
export type AbleRules = ReadonlyMap<Kind, readonly AnyRule[]>

/** The rules that a view can answer, by what they judge. */
export const ableRules = (rules: readonly AnyRule[], { unread }: ClusterView): AbleRules =>
  ableOnce(rules)(unread)

const ableOnce = derivedOnce((rules: readonly AnyRule[]) =>
  derivedOnce((unread: ClusterView['unread']): AbleRules =>
    Map.groupBy(
      rules.filter(({ needs, reads }) => !(needs ?? reads).some(kind => unread.has(kind))),
      rule => rule.subject,
    ),
  ),
)

/** What is found is said, weighed and compared. */
const costOfFinding = 20

/** Every finding on one object, in the order of the rules. */
export function findingsOn(
  settings: RuleSettings,
  able: AbleRules,
  { view, ref }: { readonly view: ClusterView; readonly ref: Ref },
): readonly Finding[] {
  const subject = view.get(ref)
  const findings: Finding[] = []
  for (const rule of subject === undefined ? [] : (able.get(ref.kind) ?? [])) {
    for (const violation of rule.check(view, subject as never, settings)) {
      charge(view, costOfFinding)
      findings.push({
        severity: rule.severity,
        family: rule.family ?? rule.id,
        // Whoever reads nothing else tells nothing else.
        ...(rule.reads.length === 0 ? { tells: [] } : {}),
        ...violation,
        // What objects contain is data: it makes no lines.
        message: escaped(violation.message),
        fix: escapedLines(violation.fix ?? rule.fix),
        rule: rule.id,
        ref,
      })
    }
  }
  return findings
}

/** The rule of a finding. */
export const ruleOf = (able: AbleRules, { ref, rule }: Finding): AnyRule =>
  able.get(ref.kind)!.find(({ id }) => id === rule)!

/** A finding as heavy as a change makes it. */
export function worsened(finding: Finding, worse: NonNullable<ReturnType<Worsening['weigh']>>): Finding {
  const { message, fix, ...rest } = worse
  return {
    ...finding,
    ...rest,
    ...(message === undefined ? {} : { message: escaped(message) }),
    ...(fix === undefined ? {} : { fix: escapedLines(fix) }),
  }
}
