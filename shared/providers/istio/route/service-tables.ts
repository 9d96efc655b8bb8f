import type { Gateway } from '../../../objects/istio.ts'
import type { RequestCaller } from '../../../routing/request/request.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { overlay } from '../../../view/overlay.ts'
import { inSession } from '../../../view/session.ts'
import type { IstioReading } from '../read/reading.ts'
import { hostsOf, type Application } from '../resolve/mesh.ts'
import { gatewayAt } from '../resolve/gateways.ts'
import { sampleHost } from '../resolve/gateways/gateway-host.ts'
import type { TableKey } from './table.ts'

/** The label by which the proxies of a gateway that is not in view are taken to be selected. */
const assumedLabel = 'kubectl-canary/assumed-gateway'

/**
 * A view in which the gateways that VirtualServices of a service name exist: one that is not in view is taken
 * to be elsewhere, and to serve all their
 * hosts on port 80. Otherwise nobody could tell what the VirtualServices that share its hosts do to each
 * other.
 */
export function withAssumedGateways(view: ClusterView, names: readonly string[]): ClusterView {
  const missing = names.filter(name => gatewayAt(view, name) === undefined)
  if (missing.length === 0) return view
  return inSession(
    overlay(
      view,
      missing.map(name => ({ after: assumedGateway(name) })),
    ),
  )
}

function assumedGateway(name: string): Gateway {
  const [namespace = '', bare = ''] = name.split('/')
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'Gateway',
    metadata: { namespace, name: bare },
    spec: {
      selector: { [assumedLabel]: name.replace('/', '.') },
      servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: ['*'] }],
    },
  }
}

/** The gateways that the VirtualServices of a service are bound to, `namespace/name`. */
export const gatewaysOf = ({ carriers }: Pick<IstioReading, 'carriers'>): readonly string[] => [
  ...new Set(
    carriers.flatMap(({ entries }) =>
      entries.flatMap(({ evaluation }) => evaluation.bindings.map(({ name }) => name)),
    ),
  ),
]

/**
 * The tables of routes in which a request of the service may be looked up: for each caller, host and port of
 * the VirtualServices that are in effect.
 */
export function tableKeysOf({
  view,
  carriers,
  complete,
}: Pick<IstioReading, 'view' | 'carriers' | 'complete'>): readonly TableKey[] {
  const keys = carriers.flatMap(({ entries }) =>
    entries.flatMap(({ root, evaluation }) => {
      const hosts = hostsOf(view, root).map(sampleHost)
      return evaluation.applications
        .filter(({ section, port }) => section === 'http' && port !== undefined)
        .flatMap(application =>
          hosts.flatMap(host =>
            // Whether a gateway's port is for TLS its server says: the table of the other kind is empty.
            (application.client.isGateway ? [false, true] : [false]).map(tls => ({
              caller: callerOf(application),
              host,
              port: application.port!,
              tls,
              complete,
            })),
          ),
        )
    }),
  )
  return [...new Map(keys.map(key => [JSON.stringify(key), key])).values()]
}

const callerOf = ({ client }: Application): RequestCaller => ({
  kind: client.isGateway ? 'gateway' : 'workload',
  namespace: client.namespace,
  labels: client.labels,
})
