import { portsOf } from '../../../providers/gateway-api/resolve/backends.ts'
import { eachRoute } from '../../facts/each-route.ts'
import {
  aboutBackend,
  deadBackend,
  mildUnlessReceiving,
  nameOfBackend,
  routedBackends,
} from '../../facts/routed-backends.ts'
import { formatPath } from '../../rule.ts'

/** The rule for VirtualServices, for backends: the port is that of the Service, not that of the pods. */
export const unknownBackendPort = eachRoute({
  id: 'unknown-port',
  family: deadBackend,
  severity: { webhook: 'error', lint: 'error' },
  summary:
    "The port of a destination is a port of the Service: the Service's own port number, not that of the pods.",
  fix: 'Use a port number from `spec.ports[].port` of the Service.',
  reads: ['Service', 'ReferenceGrant'],
  needs: ['Service'],
  *check(view, route) {
    for (const backend of routedBackends(view, route)) {
      const { to, place } = backend
      if (to.fault !== 'PortNotFound' || to.service === undefined) continue
      const ports = portsOf(to.service)
      const path = [...place, 'port']
      yield {
        path,
        message: `${nameOfBackend(backend)} has no port ${to.port}${ports.length === 0 ? '' : `; it has ${ports.join(', ')}`}`,
        about: aboutBackend(backend),
        absent: 'other',
        ...mildUnlessReceiving(backend),
        ...(ports.length === 0 ? {} : { fix: `Set ${formatPath(path)}: ${ports.join(' or ')}` }),
        tells: [{ kind: 'Service', namespace: to.namespace }],
        restsOn: [{ kind: 'Service', namespace: to.namespace, name: to.name }],
      }
    }
  },
})
