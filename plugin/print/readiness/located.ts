import { formatPath } from '../../../shared/objects/paths.ts'
import type { CheckedResult, ReadinessReport } from '../../../shared/readiness/judge-readiness.ts'
import type { Sources } from '../../../shared/view/sources.ts'
import type { LocatedFinding } from '../report/lint-report.ts'

const severities = { fail: 'error', warn: 'warning', unknown: 'info' } as const

/** What is not in order, as findings with the places in the files; once, however many services have it. */
export function readinessFindings(
  reports: readonly ReadinessReport[],
  sourcesOf: (report: ReadinessReport) => readonly (Sources | undefined)[],
): readonly LocatedFinding[] {
  const all = reports.flatMap(report =>
    sourcesOf(report).flatMap(sources =>
      report.checks.flatMap(({ id, results }) => results.flatMap(result => locatedIn(sources, id, result))),
    ),
  )
  return [...new Map(all.map(finding => [JSON.stringify(finding), finding])).values()]
}

function locatedIn(
  sources: Sources | undefined,
  rule: string,
  { state, ref, finding, message, fix }: CheckedResult,
): readonly LocatedFinding[] {
  if (state === 'pass') return []
  const path = finding?.path ?? []
  const position = sources?.positionOf(ref, path)
  return [
    {
      rule,
      severity: severities[state],
      ...ref,
      path: formatPath(path),
      ...(position === undefined
        ? {}
        : { file: position.file, line: position.line, column: position.column }),
      message,
      fix: fix.join('\n'),
    },
  ]
}
