import { CanaryError } from '../objects/canary-error.ts'
import type { Traffic } from '../routing/traffic.ts'
import type { ClusterView } from '../view/cluster-view.ts'
import type { Target } from './intent.ts'

/** The services that a status or a list of cohorts is about: the one that the target names, else every routed service of the namespace (`'*'`: of all). */
export function readTraffic(_view: ClusterView, _target: Target | { readonly service?: undefined; readonly namespace: '*' }): readonly Traffic[] {
  throw new CanaryError('failed', 'being written')
}
