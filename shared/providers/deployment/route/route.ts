import { serviceOfHost } from '../../../objects/hosts.ts'
import type { RequestRouting } from '../../../routing/request/request-routing.ts'
import { anyOf } from '../../../routing/traffic.ts'
import { askedService, besideGateway, undecided } from '../../../workloads/asked-service.ts'
import { readService } from '../read/reading.ts'
import { sharesOf, unknownReplicasOf } from '../read/traffic.ts'

/** Where one request goes: by chance to one of the ready pods behind the Service. */
export const routeRequests: RequestRouting = {
  route: (view, request, { complete = true }) => {
    const { caller, host, port } = request
    const meant = askedService(view, host, caller.namespace)
    if (caller.kind === 'gateway' || meant === undefined) return besideGateway(view, request)
    if (!meant.ports.includes(port)) return { ...undecided, kind: 'route', isPassedThrough: true }
    const { clusterDomain } = view.mesh
    const service = { ...serviceOfHost(meant.host, clusterDomain)!, clusterDomain }
    const reading = readService(view, service, { complete })
    const unknown = unknownReplicasOf(reading)
    if (unknown.unknownWeight !== undefined) return { ...undecided, kind: 'route', ...unknown }
    const shares = sharesOf(reading)
    const destination = { host: meant.host, port, headers: undefined, failure: undefined }
    const whole = { ...destination, subset: undefined, percent: 100 }
    return {
      ...undecided,
      kind: 'route',
      destinations:
        shares.length === 0
          ? [complete ? { ...whole, failure: { flag: 'UH' as const } } : whole]
          : shares.map(({ version, percent }) => ({ ...destination, subset: version, percent })),
    }
  },
  gatewaysFor: () => [],
  gatewayNamed: () => undefined,
  meantBy: askedService,
  named: (view, { host, subset }, completeness) => {
    const said = serviceOfHost(host, view.mesh.clusterDomain)
    if (said === undefined) return { service: host, namespace: '', version: undefined }
    const { versions } = readService(view, { ...said, clusterDomain: view.mesh.clusterDomain }, completeness)
    const those = subset === undefined ? versions : versions.filter(({ name }) => name === subset)
    const ready = those.flatMap(({ workloads }) => workloads).reduce((sum, one) => sum + one.ready, 0)
    return {
      service: said.name,
      namespace: said.namespace,
      version: subset ?? (versions.length > 0 ? anyOf(versions) : undefined),
      ...(completeness.complete && those.length > 0 && { ready }),
    }
  },
  // A plain connection needs no proxy of the caller.
  follows: () => 'yes',
}
