import type { ServiceReading } from '../../../shared/routing/provider.ts'
import { exemptingIn } from '../../../shared/rules/exempting-in.ts'
import { withoutExempted } from '../../../shared/rules/exemptions.ts'
import { findingsOf } from '../../../shared/rules/introduced.ts'
import { routingRules } from '../../../shared/rules/routing-rules.ts'
import { formatPath } from '../../../shared/rules/rule.ts'
import type { Sources } from '../../../shared/view/sources.ts'
import type { ServiceFinding } from '../../print/services/service-status.ts'

/**
 * What the rules find on the objects of a service, without what is exempted. What Istio's own validation
 * refuses is left to lint.
 */
export function findingsOfService(
  reading: ServiceReading,
  { sources, now }: { readonly sources?: Sources | undefined; readonly now: Date },
): readonly ServiceFinding[] {
  const { view, complete } = reading
  const settings = { complete, relativeWeights: false, now: now.getTime() }
  const judge = { rules: routingRules, settings }
  const { findings } = withoutExempted(
    findingsOf(judge, view, reading.subjects),
    exemptingIn({ view, ...(sources && { sources }) }, routingRules),
  )
  return findings.map(({ rule, severity, ref, path, message }) => ({
    rule,
    severity: complete ? severity.webhook : severity.lint,
    ...ref,
    path: formatPath(path),
    message,
  }))
}
