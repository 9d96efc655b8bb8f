import { CanaryError } from '../../shared/objects/canary-error.ts'
import { keyOf } from '../../shared/objects/kube-object.ts'
import type { JudgedFinding } from '../../shared/rules/judged-finding.ts'
import { formatPath, type Finding } from '../../shared/rules/rule.ts'

/** A finding in two lines: where and what, then how to fix it. */
export const formatFinding = ({ rule, ref, path, message, fix }: Finding): string =>
  `${keyOf(ref)}${path.length > 0 ? ` ${formatPath(path)}` : ''}: ${message} (${rule})\n  Fix: ${fix}`

const prefixes = {
  warning: '',
  overridden: 'overridden by --force: ',
  existing: 'existing problem: ',
} as const

/** A finding on an edit that goes on, and why it goes on. */
export const formatJudged = ({ kind, finding }: JudgedFinding): string =>
  prefixes[kind] + formatFinding(finding)

/** The error for an edit that the rules refuse. */
export function refusal(
  findings: readonly Finding[],
  { live, canBeForced }: { readonly live: boolean; readonly canBeForced: boolean },
): CanaryError {
  const guard = live ? ' Where the webhook is installed, it denies this.' : ''
  return new CanaryError(
    'refused',
    `refused, nothing was written: this would break ${findings.length === 1 ? 'a rule' : `${findings.length} rules`}`,
    {
      hints: [
        ...findings.map(formatFinding),
        ...(canBeForced ? [`Or continue with --force: these callers then lose the service.${guard}`] : []),
      ],
    },
  )
}
