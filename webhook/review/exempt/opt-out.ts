import { kindOf, refOf } from '../../../shared/objects/kinds.ts'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import type { Finding } from '../../../shared/rules/rule.ts'
import type { AdmissionRequest } from '../admission-request.ts'

/** The label that opts a namespace out with the value `disabled`; the audit still reports its objects. */
export const optOutLabel = 'kubectl-canary/guard'

/** The name under which an opt-out is counted among the exemptions. */
export const optOutName = 'namespace-opt-out'

/** Whether a Namespace has the label that opts it out. */
export const isOptedOut = (object: KubeObject | undefined): boolean =>
  object?.metadata.labels?.[optOutLabel] === 'disabled'

/** Whether a request opts a namespace out that was not before. */
export const isOptingOut = ({ object, oldObject }: AdmissionRequest): boolean =>
  object !== undefined && kindOf(object) === 'Namespace' && isOptedOut(object) && !isOptedOut(oldObject)

/** What a request exempts that opts its namespace out. */
export function optOutOf(
  request: AdmissionRequest,
): readonly { readonly finding: Finding; readonly reason: string; readonly isDenial: boolean }[] {
  if (request.object === undefined || !isOptingOut(request)) return []
  const finding: Finding = {
    rule: optOutName,
    family: optOutName,
    ref: refOf(request.object),
    path: ['metadata', 'labels', optOutLabel],
    about: optOutName,
    tells: [],
    severity: { webhook: 'warning', lint: 'warning' },
    message: 'changes in this namespace are not reviewed from now on',
    fix: '',
  }
  return [{ finding, reason: `the label ${optOutLabel}`, isDenial: true }]
}
