import type { Service } from '../../../objects/core.ts'
import { refOf } from '../../../objects/kinds.ts'
import { namespaceOf, type Ref } from '../../../objects/kube-object.ts'
import { formatLabels } from '../../../objects/labels.ts'
import { selectedBy, type Selected } from '../../../providers/istio/resolve/endpoints.ts'
import { providerOfService, type HostProvider } from '../../../providers/istio/resolve/objects/providers.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { backingsOfService, isDormant } from '../../../workloads/backings.ts'
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
}

/** Why nothing runs behind a Service; undefined where something does, or may do in what was not read. */
export function emptyService(
  view: ClusterView,
  service: Service,
  { complete }: Pick<RuleSettings, 'complete'>,
): EmptyService | undefined {
  const provider = providerOfService(service)
  const selected = selectedBy(view, provider, { labels: {}, complete })
  if (selected === undefined || selected.running > 0) return undefined
  // In files the workloads may be elsewhere.
  if (selected.all === 0 && !complete) return undefined
  const namespace = namespaceOf(service)
  return {
    why: saying(provider, selected),
    fixed: scalingUp(view, provider, {}) ?? {},
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

/** A workload that ran behind a Service before a change, and runs on without being selected after it. */
export function lostWorkload({ before, after }: Sides, service: Service): Ref | undefined {
  const was = before.get(refOf(service)) as Service | undefined
  return was === undefined ? undefined : runningBehind(before, was).find(ref => isAwake(after, ref))
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
