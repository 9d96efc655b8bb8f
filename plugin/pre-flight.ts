import { CanaryError } from '../shared/objects/canary-error.ts'
import { catalogue } from '../shared/rules/catalogue.ts'
import { judgeChanges } from '../shared/rules/introduced.ts'
import type { Finding, Severity } from '../shared/rules/rule.ts'
import type { Change } from '../shared/view/change.ts'
import type { ClusterView } from '../shared/view/cluster-view.ts'
import type { Store } from '../shared/view/store.ts'
import { formatFinding } from './print/findings.ts'

/**
 * Judges the changes by the webhook's rules before anything is written. On files the lint severities hold, because a folder is rarely the
 * whole world. Throws `refused` for what the changes would break; gives the warnings.
 */
export function preFlight(store: Store, view: ClusterView, changes: readonly Change[]): readonly string[] {
  if (changes.length === 0) return []
  const live = store.kind === 'cluster'
  const severityOf = ({ severity }: Finding): Severity => live ? severity.webhook : severity.lint
  const { introduced, standing } = judgeChanges({ rules: catalogue, settings: { complete: live, relativeWeights: false } }, view, changes)
  const errors = introduced.filter(finding => severityOf(finding) === 'error')
  if (errors.length > 0) {
    throw new CanaryError('refused', `refused, nothing was written: this would break ${errors.length === 1 ? 'a rule' : `${errors.length} rules`}`, {
      hints: errors.map(formatFinding),
    })
  }
  return [
    ...introduced.filter(finding => severityOf(finding) === 'warning').map(formatFinding),
    ...standing.filter(finding => severityOf(finding) === 'error').map(finding => `there before: ${formatFinding(finding)}`),
  ]
}
