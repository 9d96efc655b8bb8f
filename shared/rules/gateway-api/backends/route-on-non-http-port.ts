import type { ServiceRoute } from '../../../objects/gateway-api.ts'
import { refOf } from '../../../objects/kinds.ts'
import type { PortProtocol } from '../../../workloads/mesh/port-protocol.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { eachRoute } from '../../facts/each-route.ts'
import { nameOfBackend, routedBackends } from '../../facts/routed-backends.ts'
import { portOf, protocolFor, sayingProtocol, serviceParents } from '../../facts/service-ports.ts'
import type { Severities, Violation } from '../../rule.ts'

const mild: Severities = { webhook: 'warning', lint: 'warning' }

/**
 * Some gateways send requests to such a port as HTTP, others refuse them. Nothing is said of
 * HTTPS: a BackendTLSPolicy may be for it.
 */
const notForRequests: ReadonlySet<PortProtocol> = new Set(['TCP', 'UDP', 'Mongo', 'Redis', 'MySQL'])

/** A mesh does not look into what it takes for TCP, so that the routes of such a port are ignored. */
export const routeOnNonHttpPort = eachRoute({
  id: 'http-route-on-non-http-port',
  severity: { webhook: 'error', lint: 'error' },
  summary:
    'A host with http routes has a port whose protocol is HTTP, HTTP/2 or gRPC, or is detected by Istio.',
  fix: 'Name the Service port `http` or `grpc`, or set its appProtocol; for other protocols use tcp or tls routes.',
  reads: ['Service', 'ReferenceGrant'],
  needs: ['Service'],
  *check(view, route) {
    yield* ignoredParents(view, route)
    for (const backend of routedBackends(view, route)) {
      const { to, place } = backend
      const found = to.service && portOf(to.service, to.port)
      if (found === undefined || !notForRequests.has(found.said.protocol)) continue
      yield {
        path: [...place, 'port'],
        message: `port ${found.port} of ${nameOfBackend(backend)} speaks ${found.said.protocol}, not HTTP`,
        about: `${to.namespace}/${to.name} ${found.port}`,
        severity: mild,
        ...sayingProtocol(to.service!, found, protocolFor(route)),
        restsOn: [refOf(to.service!)],
        tells: [{ kind: 'Service', namespace: to.namespace }],
      }
    }
  },
})

function* ignoredParents(view: ClusterView, route: ServiceRoute): Iterable<Violation> {
  for (const { service, path, ports } of serviceParents(view, route)) {
    const tcp = ports.filter(({ said }) => !said.httpRoutesApply && !said.autoDetected)
    if (ports.length === 0 || tcp.length < ports.length) continue
    const { namespace, name } = refOf(service)
    yield {
      path,
      message: `the route is ignored: Service ${namespace}/${name} has no port for HTTP, only ${tcp
        .map(({ port, said }) => `${port} (${said.protocol})`)
        .join(', ')}`,
      about: `parent ${namespace}/${name} ${tcp.map(({ port }) => port).join()}`,
      ...sayingProtocol(service, tcp[0]!, protocolFor(route)),
      restsOn: [refOf(service)],
      tells: [{ kind: 'Service', namespace }],
    }
  }
}
