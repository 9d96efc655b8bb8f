import type { ServiceRoute } from '../../../objects/gateway-api.ts'
import { portsOf, resolveBackend } from '../../../providers/gateway-api/resolve/backends.ts'
import { formerly } from '../../../view/cluster-view.ts'
import { eachRoute } from '../../facts/each-route.ts'
import { isAttachedNowhere } from '../../facts/route-parents.ts'
import {
  aboutBackend,
  backendAt,
  deadBackend,
  mild,
  mildUnlessReceiving,
  nameOfBackend,
  routedBackends,
} from '../../facts/routed-backends.ts'
import { formatPath, type Worsening } from '../../rule.ts'

/** The Service of a route that is attached nowhere may go, so its port may go too; a route is still judged when it is written. */
const weighing: Worsening = {
  summary:
    'A warning in both for an HTTPRoute or GRPCRoute that is attached nowhere, if the change removes the port from the Service.',
  weigh({ before, after }, finding, settings) {
    const route = after.get(finding.ref) as ServiceRoute | undefined
    const backend = route && backendAt(after, route, { path: finding.path, field: 'port' })
    if (route === undefined || backend === undefined || formerly(after, finding.ref) !== undefined)
      return undefined
    if (resolveBackend(before, route, backend.value).fault !== undefined) return undefined
    return isAttachedNowhere(before, route, settings) ? { severity: mild } : undefined
  },
}

/** The rule for VirtualServices, for backends: the port is that of the Service, not that of the pods. */
export const unknownBackendPort = eachRoute({
  id: 'unknown-port',
  family: deadBackend,
  severity: { webhook: 'error', lint: 'error' },
  summary:
    "The port of a destination is a port of the Service: the Service's own port number, not that of the pods.",
  fix: 'Use a port number from `spec.ports[].port` of the Service.',
  reads: ['Service', 'ReferenceGrant', 'Gateway.gateway.networking.k8s.io'],
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
  worsening: weighing,
})
