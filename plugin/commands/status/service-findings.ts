import type { ServiceReading } from '../../../shared/routing/provider.ts'
import { findingsOf } from '../../../shared/rules/introduced.ts'
import { reportedFindings } from '../../../shared/rules/reported-findings.ts'
import { routingRules } from '../../../shared/rules/routing-rules.ts'
import { formatPath } from '../../../shared/rules/rule.ts'
import type { Sources } from '../../../shared/view/sources.ts'
import type { ServiceFinding } from '../../print/services/service-status.ts'

/** What `lint` reports on the objects of a service, save what Istio's own validation refuses. */
export function findingsOfService(
  reading: ServiceReading,
  { sources, now }: { readonly sources?: Sources | undefined; readonly now: Date },
): readonly ServiceFinding[] {
  const { view, complete } = reading
  const settings = { complete, relativeWeights: false, now: now.getTime() }
  const findings = findingsOf({ rules: routingRules, settings }, view, reading.subjects)
  const reported = reportedFindings({ rules: routingRules, settings, view, sources })
  return reported(findings).map(({ rule, severity, ref, path, message }) => ({
    rule,
    severity: complete ? severity.webhook : severity.lint,
    ...ref,
    path: formatPath(path),
    message,
  }))
}
