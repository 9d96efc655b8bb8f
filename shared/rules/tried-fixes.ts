import type { Change } from '../view/change.ts'
import type { ClusterView } from '../view/cluster-view.ts'
import { overlay } from '../view/overlay.ts'
import { sessionOf, Spent, type Meter } from '../view/session.ts'
import { findingsOn, identityOf, worsened } from './findings.ts'
import type { AnyRule, Finding, RuleSettings, Sides } from './rule.ts'
import { isElsewhere, withWholeFix } from './fixes/whole-fix.ts'

/** The fixes of so many findings are tried out: whoever has more follows these first. */
const mostTried = 12

/** The findings, with fixes that were tried out where they are made elsewhere. */
export function withWholeFixes(
  findings: readonly Finding[],
  whole: (finding: Finding) => Finding,
): readonly Finding[] {
  let tried = 0
  return findings.map(finding => {
    if (!isElsewhere(finding) || tried++ >= mostTried) return finding
    try {
      return whole(finding)
    } catch (error) {
      if (!(error instanceof Spent)) throw error
      // The fix of one cause is better than a judgement that takes too long.
      tried = mostTried
      return finding
    }
  })
}

/** A finding of a rule, and how it judges. */
interface TriedFinding {
  readonly rule: AnyRule
  readonly settings: RuleSettings
  readonly finding: Finding
  /** What the judgement may still cost. */
  readonly meter?: Meter | undefined
}

/** A finding on what is there, with a fix that was tried out there. */
export const triedIn = (view: ClusterView, { rule, settings, finding, meter }: TriedFinding): Finding =>
  withWholeFix(view, finding, {
    findAgain: changes => foundAgain(sessionOf(overlay(view, changes), meter), { rule, settings, finding }),
    otherwise: rule.fix,
  })

/** What a rule finds of the same in another view. */
const foundAgain = (view: ClusterView, { rule, settings, finding }: TriedFinding): Finding | undefined =>
  findingsOn(settings, new Map([[rule.subject, [rule]]]), { view, ref: finding.ref }).find(
    other => identityOf(other) === identityOf(finding),
  )

/** A finding that a change introduces, with a fix that was tried out before the change. */
export function triedBefore(sides: Sides, { rule, settings, finding, meter }: TriedFinding): Finding {
  const isWorse = finding.severity !== rule.severity && rule.worsening !== undefined
  const findAgain = (changes: readonly Change[]): Finding | undefined => {
    const [before, after] = [sides.before, sides.after].map(side =>
      sessionOf(overlay(side, changes), meter),
    ) as [ClusterView, ClusterView]
    const left = foundAgain(after, { rule, settings, finding })
    if (left === undefined || !isWorse) return left
    const worse = rule.worsening?.weigh({ before, after }, left, settings)
    return worse?.severity === undefined ? undefined : worsened(left, worse)
  }
  return withWholeFix(sides.after, finding, { findAgain, otherwise: rule.fix })
}
