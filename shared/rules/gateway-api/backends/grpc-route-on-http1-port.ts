import { refOf } from '../../../objects/kinds.ts'
import { eachRoute } from '../../facts/each-route.ts'
import { nameOfBackend, routedBackends } from '../../facts/routed-backends.ts'
import { portOf, sayingProtocol } from '../../facts/service-ports.ts'

/** A gRPC call needs HTTP/2 from end to end. */
export const grpcRouteOnHttp1Port = eachRoute(
  {
    id: 'grpc-route-on-http1-port',
    severity: { webhook: 'warning', lint: 'warning' },
    summary: 'A backend port of a GRPCRoute does not say that it speaks HTTP/1.1.',
    fix: 'Set appProtocol of the Service port to kubernetes.io/h2c, or name the port `grpc` or `http2`.',
    reads: ['Service', 'ReferenceGrant'],
    needs: ['Service'],
    *check(view, route) {
      for (const backend of routedBackends(view, route)) {
        const { to, place } = backend
        const found = to.service && portOf(to.service, to.port)
        if (found?.said.protocol !== 'HTTP' && found?.said.protocol !== 'HTTP_PROXY') continue
        yield {
          path: [...place, 'port'],
          message: `port ${found.port} of ${nameOfBackend(backend)} says that it speaks HTTP/1.1, and gRPC needs HTTP/2`,
          about: `${to.namespace}/${to.name} ${found.port}`,
          ...sayingProtocol(to.service!, found, 'kubernetes.io/h2c'),
          restsOn: [refOf(to.service!)],
          tells: [{ kind: 'Service', namespace: to.namespace }],
        }
      }
    },
  },
  ['GRPCRoute'],
)
