import { CanaryError } from '../../objects/canary-error.ts'
import type { RoutedService } from '../../routing/istio/routed-service.ts'
import type { Target } from '../intent.ts'
import { workloadKinds } from '../../objects/kinds.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import { readyOf, type ServiceVersion } from './versions.ts'

interface Asked {
  readonly service: RoutedService
  readonly target: Target
  readonly force: boolean
}

/** Throws a CanaryError `refused` when a version without a ready pod would get traffic. Files say nothing about readiness, so it is not judged on them. */
export function requireReady(view: ClusterView, version: ServiceVersion, { service, target, force }: Asked): void {
  if (force || target.live !== true || readyOf(version) > 0) return
  // Whoever may not see the workloads has been told so; what is not seen may well be ready.
  if (version.workloads.length === 0 && workloadKinds.some(kind => view.unread.has(kind))) return
  const what = version.workloads.map(({ kind, name, ready, wanted }) => `${kind} ${name} ${ready}/${wanted} ready`).join(', ')
  throw new CanaryError('refused', `version ${version.name} of ${service.name} has no ready workload: ${what === '' ? 'no pods behind the Service carry its labels' : what}`, {
    hints: [`Wait for it: kubectl get pods -n ${service.namespace} -w`, `Or send traffic there all the same: kubectl canary ${target.command} --force`],
  })
}
