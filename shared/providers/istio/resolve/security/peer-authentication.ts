import { matches } from '../../../../objects/labels.ts'
import { namespaceOf, type Labels } from '../../../../objects/kube-object.ts'
import type { PeerAuthentication } from '../../../../objects/istio.ts'
import { fieldsOf, labelsOf, textOf } from '../../../../objects/unchecked.ts'
import type { ClusterView } from '../../../../view/cluster-view.ts'
import { once } from '../../../../view/session.ts'
import { byAge } from '../visibility.ts'

/** Which connections a workload accepts: mTLS and plain text, mTLS alone, or plain text alone. */
export type PeerMode = 'PERMISSIVE' | 'STRICT' | 'DISABLE'

/** What a workload accepts on a port, and the object that says so; none where it is Istio's default. */
export interface AcceptedPeers {
  readonly mode: PeerMode
  readonly by?: PeerAuthentication
}

/** A port of a workload, by the labels of its pods. */
export interface WorkloadPort {
  readonly namespace: string
  readonly labels: Labels
  /** Undefined where it is not known: then the mode of all ports applies. */
  readonly port: number | undefined
}

/**
 * What a workload accepts on a port (ComposePeerAuthentication): the oldest object that selects it, else the oldest
 * of its namespace, else that of the root namespace, each as far as it says a mode. A port's own mode is said by the
 * object that selects the workload alone, and an object with a selector in the root namespace counts for nothing.
 */
export function acceptedPeers(view: ClusterView, { namespace, labels, port }: WorkloadPort): AcceptedPeers {
  const { rootNamespace } = view.mesh
  const [whole, selecting] = policiesIn(view, namespace)
  const own = namespace === rootNamespace ? undefined : oldestFor(selecting, labels)
  const said = own === undefined || port === undefined ? undefined : portMode(own, port)
  if (own !== undefined && said !== undefined) return { mode: said, by: own }
  const [mesh] = policiesIn(view, rootNamespace)
  for (const policy of [own, whole[0], mesh[0]]) {
    const mode = policy === undefined ? undefined : modeOf(fieldsOf(policy.spec)['mtls'])
    if (policy !== undefined && mode !== undefined) return { mode, by: policy }
  }
  return { mode: 'PERMISSIVE' }
}

type Policies = readonly PeerAuthentication[]

/** Those of a namespace for all of its workloads, and those for some, each the oldest first. */
const policiesIn = (view: ClusterView, namespace: string): readonly [Policies, Policies] =>
  once(view, [policiesIn, namespace], () => {
    const all = view
      .list('PeerAuthentication', namespace)
      .toSorted((one, other) => byAge(agedOf(one), agedOf(other)))
    const isWhole = (policy: PeerAuthentication): boolean => Object.keys(selectorOf(policy)).length === 0
    return [all.filter(isWhole), all.filter(policy => !isWhole(policy))]
  })

const agedOf = (policy: PeerAuthentication) => ({
  created: textOf(policy.metadata.creationTimestamp),
  name: policy.metadata.name,
  namespace: namespaceOf(policy),
})

const selectorOf = ({ spec }: PeerAuthentication): Labels =>
  labelsOf(fieldsOf(fieldsOf(spec)['selector'])['matchLabels'])

const oldestFor = (policies: Policies, labels: Labels): PeerAuthentication | undefined =>
  policies.find(policy => matches(selectorOf(policy), labels))

const portMode = ({ spec }: PeerAuthentication, port: number): PeerMode | undefined =>
  modeOf(fieldsOf(fieldsOf(spec)['portLevelMtls'])[String(port)])

const modes: ReadonlySet<unknown> = new Set(['PERMISSIVE', 'STRICT', 'DISABLE'])

/** UNSET, and whatever else is no mode, says nothing. */
function modeOf(mtls: unknown): PeerMode | undefined {
  const { mode } = fieldsOf(mtls)
  return modes.has(mode) ? (mode as PeerMode) : undefined
}
