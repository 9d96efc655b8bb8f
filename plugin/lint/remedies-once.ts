import { formatObject, type LocatedFinding } from '../print/report/lint-report.ts'

/** Commands that add to a list, and would add the same again. */
const appends = /^kubectl patch .*--type=json /

/**
 * The same findings in their order, where a command that must not be run twice stands with the first finding
 * that it mends, and the others point there.
 */
export function remediesOnce(findings: readonly LocatedFinding[]): readonly LocatedFinding[] {
  const first = new Map<string, LocatedFinding>()
  return findings.map(finding => {
    if (!appends.test(finding.remedy)) return finding
    const earlier = first.get(finding.remedy)
    first.set(finding.remedy, earlier ?? finding)
    return earlier === undefined
      ? finding
      : { ...finding, remedy: `The same command as for ${placeOf(earlier)} mends this; run it once.` }
  })
}

const placeOf = (finding: LocatedFinding): string =>
  `${formatObject(finding)}${finding.path === '' ? '' : ` ${finding.path}`}`
