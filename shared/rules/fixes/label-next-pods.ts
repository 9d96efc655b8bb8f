import { refOf } from '../../objects/kinds.ts'
import type { Labels } from '../../objects/kube-object.ts'
import { patchCommand } from '../../objects/text/kubectl-commands.ts'
import type { Unfollowed } from '../../workloads/pods/unfollowed.ts'

/** The labels of a Service in the template of a workload, so that the next pods are behind it as well. */
export function labellingNextPods({ object, missing }: Unfollowed, selector: Labels = {}): string {
  const labels = Object.fromEntries(missing.map(key => [key, selector[key]]))
  return patchCommand(refOf(object), 'merge', { spec: { template: { metadata: { labels } } } })
}
