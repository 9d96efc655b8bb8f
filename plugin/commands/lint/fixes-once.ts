import { formatObject, type LocatedFinding } from '../../print/report/lint-report.ts'

/** Commands and edits that add to a list, and would add the same again. */
const appends = /^kubectl patch .*--type=json |^Add to /

/**
 * The same findings in their order. A command or edit that must not be repeated is shown with the first finding
 * that it fixes, and the others refer to that finding.
 */
export function fixesOnce(findings: readonly LocatedFinding[]): readonly LocatedFinding[] {
  const first = new Map<string, LocatedFinding>()
  return findings.map(finding => {
    if (!appends.test(finding.fix)) return finding
    const earlier = first.get(finding.fix)
    first.set(finding.fix, earlier ?? finding)
    return earlier === undefined
      ? finding
      : { ...finding, fix: `The fix of ${placeOf(earlier)} fixes this as well; do it once.` }
  })
}

const placeOf = (finding: LocatedFinding): string =>
  `${formatObject(finding) ?? finding.file}${finding.path === '' ? '' : ` ${finding.path}`}`
