import type { Sources, Unfilled } from '../view/sources.ts'
import { exemptingIn } from './exempting-in.ts'
import { withoutExempted } from './exemptions.ts'
import { withoutUnfilled, type UnfilledWorld } from './placeholders/without-unfilled.ts'
import { withoutRepeated } from './repeated.ts'
import type { Finding } from './rule.ts'

/** What the findings were made with, and the files that they are from. */
export interface ReportedWorld extends Omit<UnfilledWorld, 'unfilled'> {
  /** Left out for a live cluster. */
  readonly sources?: Sources | undefined
  /** What is still to be filled in; that of the files when left out. */
  readonly unfilled?: readonly Unfilled[]
}

/**
 * Takes away the findings that are not reported: those that depend on a placeholder, those that an annotation or a
 * comment exempts, and those that another one says better. `lint`, `status`, `doctor` and the check of an edit report the same.
 */
export function reportedFindings({
  sources,
  unfilled = sources?.unfilled ?? [],
  ...world
}: ReportedWorld): (findings: readonly Finding[]) => readonly Finding[] {
  const exempting = exemptingIn({ view: world.view, ...(sources && { sources }) }, world.rules)
  return findings =>
    findings.length === 0
      ? findings
      : withoutRepeated(
          withoutExempted(withoutUnfilled(findings, { ...world, unfilled }), exempting).findings,
          world.rules,
        )
}
