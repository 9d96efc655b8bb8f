import { formatPath } from '../../../shared/objects/paths.ts'
import type { ReadinessReport } from '../../../shared/readiness/judge-readiness.ts'
import type { Sources } from '../../../shared/view/sources.ts'
import type { LocatedFinding } from '../report/lint-report.ts'

const severities = { fail: 'error', warn: 'warning', unknown: 'info' } as const

/** What is not in order, as findings with the places in the files; once, however many services have it. */
export function readinessFindings(
  reports: readonly ReadinessReport[],
  sources: Sources | undefined,
): readonly LocatedFinding[] {
  const all = reports.flatMap(({ checks }) =>
    checks.flatMap(({ id, results }) =>
      results.flatMap(({ state, ref, finding, message, fix }): readonly LocatedFinding[] => {
        if (state === 'pass') return []
        const path = finding?.path ?? []
        const position = sources?.positionOf(ref, path)
        return [
          {
            rule: id,
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
      }),
    ),
  )
  return [...new Map(all.map(finding => [JSON.stringify(finding), finding])).values()]
}
