import { CanaryError } from '../../shared/objects/canary-error.ts'
import { keyOf } from '../../shared/objects/kube-object.ts'
import { escaped } from '../../shared/objects/text/escaped.ts'
import type { JudgedFinding } from '../../shared/rules/judged-finding.ts'
import { formatPath, type Finding } from '../../shared/rules/rule.ts'

/** A finding in two lines: where and what, then how to fix it. */
export const formatFinding = ({ rule, ref, path, message, fix }: Finding): string =>
  `${escaped(`${keyOf(ref)}${path.length > 0 ? ` ${formatPath(path)}` : ''}`)}: ${message} (${rule})\n  Fix: ${fix}`

/**
 * The findings for people, those about a host that nothing provides once for each host, with the count of its other
 * places: one Service that is in another file is one thing to do.
 */
export function oncePerHost<Found extends Pick<Finding, 'rule' | 'message'> & { readonly fix?: string }>(
  findings: readonly Found[],
): readonly Found[] {
  const keyFor = ({ message, fix = '' }: Found): string => `${message} ${fix}`
  const alike = Map.groupBy(
    findings.filter(({ rule }) => rule === 'unknown-host'),
    keyFor,
  )
  return findings.flatMap(finding => {
    const { rule, message } = finding
    const same = rule === 'unknown-host' ? alike.get(keyFor(finding))! : [finding]
    if (same[0] !== finding) return []
    const others = same.length - 1
    if (others === 0) return [finding]
    const places = others === 1 ? '1 more place names' : `${others} more places name`
    return [{ ...finding, message: `${message}; ${places} it` }]
  })
}

/** The notes of an edit about the findings with which it continues. */
export const formatJudgedAll = (judged: readonly JudgedFinding[]): readonly string[] =>
  [...Map.groupBy(judged, ({ kind }) => kind)].flatMap(([kind, all]) =>
    oncePerHost(all.map(({ finding }) => finding)).map(finding => formatJudged({ kind, finding })),
  )

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
