import { formatPath, type Severity } from '../../rules/rule.ts'
import type { CheckResult, ReadinessState } from '../check.ts'
import { nameIn } from './names.ts'
import type { ServiceSubject } from '../subject.ts'

/**
 * The rules of `lint` by the check that reports what they find. A rule that is in none of them is reported by the
 * check of the routes.
 */
const rulesByCheck = {
  'pod-labels': ['missing-version-label'],
  ports: [
    'unknown-port',
    'unknown-target-port',
    'ambiguous-port',
    'unnamed-port',
    'http-route-on-non-http-port',
  ],
  headless: ['headless-not-split'],
  subsets: [
    'undefined-subset',
    'subset-without-destination-rule',
    'undefined-subset-inactive',
    'duplicate-subset',
    'subset-matches-no-workload',
  ],
  'destination-rules': ['subset-hidden-from-clients', 'unmerged-destination-rules'],
  'virtual-services': ['conflicting-virtual-services'],
  'route-coverage': [
    'broken-delegate',
    'unknown-gateway',
    'unknown-namespace',
    'unreachable-route',
    'applies-nowhere',
  ],
} as const satisfies Readonly<Record<string, readonly string[]>>

type CheckWithRules = keyof typeof rulesByCheck

const elsewhere: ReadonlySet<string> = new Set(Object.values(rulesByCheck).flat())

const states: Readonly<Record<Severity, ReadinessState>> = { error: 'fail', warning: 'warn', info: 'pass' }

/** What the rules of a check find about the service; of `routes` those that belong to no other check. */
export function foundByRules(
  { findings, reading }: ServiceSubject,
  check: CheckWithRules | 'routes',
): readonly CheckResult[] {
  const ids: ReadonlySet<string> | undefined = check === 'routes' ? undefined : new Set(rulesByCheck[check])
  return findings
    .filter(({ rule }) => (ids === undefined ? !elsewhere.has(rule) : ids.has(rule)))
    .map(finding => {
      const { ref, severity, path, message } = finding
      return {
        state: states[reading.complete ? severity.webhook : severity.lint],
        ref,
        message: `${nameIn(reading.service.namespace, ref)}${path.length === 0 ? '' : ` ${formatPath(path)}`}: ${message}`,
        finding,
      }
    })
}
