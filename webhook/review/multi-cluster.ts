import { fieldsOf, itemsOf } from '../../shared/objects/unchecked.ts'
import type { ClusterView } from '../../shared/view/cluster-view.ts'

const networkLabel = 'topology.istio.io/network'
const eastWestGateway = 'eastwestgateway'

const tlsModeOf = (server: unknown): unknown => fieldsOf(fieldsOf(server)['tls'])['mode']

/**
 * Whether the mesh has workloads in other clusters too, whose objects are not in this one: as it is set, else by what
 * Istio's guides for several clusters have people make. These are the network label on the root namespace, an
 * east-west gateway's Service in it, and a Gateway for traffic between networks.
 */
export function isMultiCluster(view: ClusterView, configured: boolean | undefined): boolean {
  if (configured !== undefined) return configured
  const { rootNamespace } = view.mesh
  const root = view.get({ kind: 'Namespace', namespace: '', name: rootNamespace })
  return (
    root?.metadata.labels?.[networkLabel] !== undefined
    || view
      .list('Service', rootNamespace)
      .some(
        ({ metadata: { labels = {} } }) =>
          labels['istio'] === eastWestGateway || labels[networkLabel] !== undefined,
      )
    || view
      .list('Gateway', rootNamespace)
      .some(({ spec }) => itemsOf(spec.servers).some(server => tlsModeOf(server) === 'AUTO_PASSTHROUGH'))
  )
}
