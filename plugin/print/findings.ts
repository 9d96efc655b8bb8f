import { CanaryError } from '../../shared/objects/canary-error.ts'
import { keyOf } from '../../shared/objects/kube-object.ts'
import { escaped } from '../../shared/objects/text/escaped.ts'
import type { JudgedFinding } from '../../shared/rules/judged-finding.ts'
import { formatPath, type Finding } from '../../shared/rules/rule.ts'

/** A finding in two lines: where and what, then how to fix it. */
export const formatFinding = ({ rule, ref, path, message, fix }: Finding): string =>
  `${escaped(`${keyOf(ref)}${path.length > 0 ? ` ${formatPath(path)}` : ''}`)}: ${message} (${rule})\n  Fix: ${fix}`

const prefixes = {
  warning: '',
  overridden: 'overridden by --force: ',
  existing: 'existing problem: ',
} as const

/** A finding on an edit that continues, and why it continues. */
export const formatJudged = ({ kind, finding }: JudgedFinding): string =>
  prefixes[kind] + formatFinding(finding)

/** The error for an edit that the rules refuse. */
export function refusal(
  findings: readonly Finding[],
  { offersForce }: { readonly offersForce: boolean },
): CanaryError {
  const isEmpty = findings.every(({ absent }) => absent === 'workload')
  return new CanaryError(
    'refused',
    `refused, nothing was written: this would break ${findings.length === 1 ? 'a rule' : `${findings.length} rules`}`,
    {
      hints: [
        ...findings.map(formatFinding),
        ...(offersForce
          ? [
              `Or continue with --force: ${isEmpty ? 'these requests then fail until pods with these labels run.' : 'these callers then lose the service.'}`,
            ]
          : []),
      ],
    },
  )
}
