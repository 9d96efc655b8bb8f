import { expandHost, serviceOfHost } from '../../objects/hosts.ts'
import type { VirtualService } from '../../objects/virtual-service.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import { anyOtherNamespace } from '../../providers/istio/resolve/clients.ts'
import type { Reference } from '../../providers/istio/resolve/evaluate.ts'
import type { DestinationOutcome } from '../../providers/istio/resolve/outcome.ts'
import { routingOf } from '../../providers/istio/resolve/objects/routes.ts'
import type { KindIn, RestsOn } from '../rule.ts'

/** The delegate whose destination a finding names. */
export const delegateTold = ({ route: { delegate } }: Reference): readonly KindIn[] =>
  delegate === undefined ? [] : [{ kind: 'VirtualService', namespace: delegate.namespace }]

/** The Services and ServiceEntries that provide a destination, whose ports or targets a finding names. */
export const providersTold = (outcomes: readonly DestinationOutcome[]): readonly KindIn[] =>
  outcomes.flatMap(({ provider }) =>
    provider === undefined ? [] : [{ kind: provider.ref.kind, namespace: provider.ref.namespace }],
  )

/** The namespaces of clients that a finding names. */
export const clientsTold = (outcomes: readonly DestinationOutcome[]): readonly KindIn[] =>
  outcomes
    .filter(({ client }) => client.namespace !== anyOtherNamespace)
    .map(({ client }) => ({ kind: 'Namespace', namespace: client.namespace }))

/** The workloads behind a destination, whose labels or number a finding names. */
export const workloadsTold = (outcomes: readonly DestinationOutcome[]): readonly KindIn[] =>
  outcomes.flatMap(({ provider }) =>
    provider === undefined ? [] : [{ kind: 'Deployment', namespace: provider.namespace }],
  )

/** The DestinationRules that apply to a destination, whose subsets and labels a finding names. */
export const rulesTold = (outcomes: readonly DestinationOutcome[]): readonly KindIn[] =>
  outcomes.flatMap(({ rule }) =>
    rule === undefined ? [] : [{ kind: 'DestinationRule', namespace: rule.namespace }],
  )

/** The DestinationRules among what a finding depends on. */
export const rulesRestedOn = (grounds: readonly RestsOn[]): readonly KindIn[] =>
  grounds.flatMap(({ kind, namespace }) => (kind === 'DestinationRule' ? [{ kind, namespace }] : []))

/**
 * The Gateways of a VirtualService and the Services of its own hosts, by whose ports requests come in; those of all
 * namespaces for a host that may be of any.
 */
export function listenersTold(view: ClusterView, subject: VirtualService): readonly KindIn[] {
  const { hosts, gateways, namespace } = routingOf(subject)
  const { clusterDomain } = view.mesh
  const bound = gateways.filter(name => name !== 'mesh')
  const ofGateways = bound.map((name): KindIn => ({ kind: 'Gateway', namespace: name.split('/', 1)[0]! }))
  const ofHosts = hosts.flatMap((written): readonly KindIn[] => {
    const host = expandHost(written, namespace, clusterDomain)
    const service = serviceOfHost(host, clusterDomain)
    if (service !== undefined) return [{ kind: 'Service', namespace: service.namespace }]
    return host.startsWith('*')
      ? [
          { kind: 'Service', namespace: '' },
          { kind: 'ServiceEntry', namespace: '' },
        ]
      : [{ kind: 'ServiceEntry', namespace: '' }]
  })
  return [...ofGateways, ...ofHosts]
}

/** The Service of a host that was probably meant, as it is to be written in a namespace. */
export function meantTold(
  view: ClusterView,
  meant: string | undefined,
  namespace: string,
): readonly KindIn[] {
  if (meant === undefined) return []
  const { clusterDomain } = view.mesh
  const service = serviceOfHost(expandHost(meant, namespace, clusterDomain), clusterDomain)
  return [{ kind: 'Service', namespace: service?.namespace ?? '' }]
}
