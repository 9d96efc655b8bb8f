import { CanaryError } from '../../objects/canary-error.ts'
import type { RoutedService } from '../../routing/istio/routed-service.ts'
import type { Target } from '../intent.ts'
import { readyOf, type ServiceVersion } from './versions.ts'

/** Throws a CanaryError `refused` when a version without a ready pod would get traffic. Files say nothing about readiness, so it is not judged on them. */
export function requireReady(version: ServiceVersion, service: RoutedService, { target, force }: { readonly target: Target; readonly force: boolean }): void {
  if (force || target.live !== true || readyOf(version) > 0) return
  const what = version.workloads.map(({ kind, name, ready, wanted }) => `${kind} ${name} ${ready}/${wanted} ready`).join(', ')
  throw new CanaryError('refused', `version ${version.name} of ${service.name} has no ready workload: ${what === '' ? 'no pods behind the Service carry its labels' : what}`, {
    hints: [`Wait for it: kubectl get pods -n ${service.namespace} -w`, `Or send traffic there all the same: kubectl canary ${target.command} --force`],
  })
}
