import type { Service } from '../../../objects/core.ts'
import { refOf } from '../../../objects/kinds.ts'
import { keyOf, namespaceOf, type Ref } from '../../../objects/kube-object.ts'
import { formatLabels } from '../../../objects/labels.ts'
import { selectedBy, type Selected } from '../../../providers/istio/resolve/endpoints.ts'
import { providerOfService, type HostProvider } from '../../../providers/istio/resolve/objects/providers.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { backingsOfService, isDormant } from '../../../workloads/backings.ts'
import { sayingUnfollowed, unfollowedBy, type Unfollowed } from '../../../workloads/pods/unfollowed.ts'
import { labellingNextPods } from '../../fixes/label-next-pods.ts'
import { scalingUp } from '../../fixes/scale-up.ts'
import { workloadsOf } from '../workloads-of.ts'
import type { KindIn, RestsOn, RuleSettings, Sides, Violation } from '../../rule.ts'

/** Why nothing runs behind the Service of a backend. */
export interface EmptyService {
  /** After the name of the Service: `has only workloads that are scaled to zero`. */
  readonly why: string
  readonly tells: readonly KindIn[]
  readonly restsOn: readonly RestsOn[]
  /** How it gets pods, where that is known better than by the rule. */
  readonly fixed: Pick<Violation, 'fix' | 'sets'>
  /** Whether pods still run, and none follow them. */
  readonly isLater?: true
}

/** Why nothing runs behind a Service, or soon will not; undefined where something does, or may do in what was not read. */
export function emptyService(
  view: ClusterView,
  service: Service,
  { complete }: Pick<RuleSettings, 'complete'>,
): EmptyService | undefined {
  const provider = providerOfService(service)
  const selected = selectedBy(view, provider, { labels: {}, complete })
  if (selected === undefined) return undefined
  const unfollowed = selected.running > 0 ? unfollowedBehind(view, service) : undefined
  if (selected.running > 0 && unfollowed === undefined) return undefined
  // In files the workloads may be elsewhere.
  if (selected.all === 0 && !complete) return undefined
  const namespace = namespaceOf(service)
  return {
    ...(unfollowed === undefined
      ? { why: saying(provider, selected), fixed: scalingUp(view, provider, {}) ?? {} }
      : {
          why: sayingUnfollowed(unfollowed),
          fixed: { fix: labellingNextPods(unfollowed, provider.selector) },
          isLater: true,
        }),
    tells: [
      { kind: 'Service', namespace },
      { kind: 'Deployment', namespace },
    ],
    restsOn: [{ kind: 'Service', namespace, name: service.metadata.name }, ...workloadsOf(provider, {})],
  }
}

function saying({ selector }: HostProvider, { all, dormant }: Selected): string {
  if (dormant > 0) return 'has only workloads that are scaled to zero'
  if (selector === undefined)
    return 'has no addresses: it has no selector, and no EndpointSlice lists any for it'
  return all === 0 ? `selects ${formatLabels(selector)}, which no workload has` : 'has no running workload'
}

/** The workload whose pods are the last behind a Service and are not followed by others. */
function unfollowedBehind(view: ClusterView, service: Service): Unfollowed | undefined {
  const { selector } = providerOfService(service)
  return selector === undefined
    ? undefined
    : unfollowedBy(view, { selector, labels: {}, backings: backingsOfService(view, service) ?? [] })
}

/**
 * What follows the message of a finding if a change took the last workload from a Service although that runs on: by the labels
 * of its pods, or of those that follow them.
 */
export function lostWorkload({ before, after }: Sides, service: Service): string | undefined {
  const was = before.get(refOf(service)) as Service | undefined
  if (was === undefined) return undefined
  const had = runningBehind(before, was)
  const later = unfollowedBehind(after, service)
  if (later !== undefined) {
    const key = keyOf(refOf(later.object))
    return unfollowedBehind(before, was) === undefined && had.some(each => keyOf(each) === key)
      ? ''
      : undefined
  }
  const lost = had.find(ref => isAwake(after, ref))
  return lost && `: it no longer selects ${lost.kind} ${lost.namespace}/${lost.name}`
}

/** The workloads behind a Service that are not scaled to zero. */
const runningBehind = (view: ClusterView, service: Service): readonly Ref[] =>
  (backingsOfService(view, service) ?? []).flatMap(({ object, isDormant: sleeps }) =>
    object === undefined || sleeps ? [] : [refOf(object)],
  )

const isAwake = (view: ClusterView, ref: Ref): boolean => {
  const object = view.get(ref)
  return object !== undefined && !isDormant(object)
}
