import { refOf, workloadKinds } from '../../objects/kinds.ts'
import { namespaceOf, type KubeObject, type Labels } from '../../objects/kube-object.ts'
import type { Service } from '../../objects/core.ts'
import { fieldsOf, itemsOf, numberOf, textOf } from '../../objects/unchecked.ts'
import { targetPortOf } from '../../providers/istio/resolve/objects/target-port.ts'
import { protocolOf, type PortProtocol } from '../../workloads/mesh/port-protocol.ts'
import { byAge } from '../../providers/istio/resolve/visibility.ts'
import { servicesSelecting } from '../../rules/facts/selecting-services.ts'
import type { ServiceCheck } from '../check.ts'
import { nameIn } from '../facts/names.ts'
import { setField } from '../facts/patches.ts'
import type { ServiceSubject } from '../subject.ts'

/** A proxy in front of pods has one listener for a port: the oldest Service says what it speaks. */
export const portConflicts: ServiceCheck = {
  id: 'port-conflicts',
  summary: 'No two Services claim one port of the same pods with different protocols.',
  fix: 'Give the port the same protocol in both Services, or another port of the pods.',
  needs: [...workloadKinds, 'Pod', 'Service'],
  states: ['fail'],
  ofMesh: true,
  *check(subject) {
    const { services, workloads, view, service } = subject
    if (services.length === 0 || workloads.length === 0) return
    const told = new Set<string>()
    for (const { object, labels } of workloads) {
      for (const [port, claims] of claimsOn(subject, object, labels)) {
        const [first] = claims
        const other = claims.find(claim => familyOf(claim.protocol) !== familyOf(first!.protocol))
        // Each conflict is reported once, at the Service whose protocol is not used.
        if (other === undefined || !services.some(each => each === other.service || each === first!.service))
          continue
        const about = `${first!.service.metadata.name} ${other.service.metadata.name} ${port}`
        if (told.has(about)) continue
        told.add(about)
        const said = ({ service: by, protocol }: Claim): string =>
          `Service ${by.metadata.name} says ${protocol}`
        yield {
          state: 'fail',
          ref: refOf(other.service),
          message: `port ${port} of ${nameIn(service.namespace, object)} is claimed twice: ${said(first!)}, ${said(other)}`,
          fix: setField(
            other.service,
            ['spec', 'ports', other.index, 'appProtocol'],
            first!.protocol.toLowerCase(),
          ),
        }
      }
    }
    const count = new Set(
      workloads.flatMap(({ labels }) => servicesSelecting(view, service.namespace, labels)),
    ).size
    yield {
      state: 'pass',
      message:
        count < 2
          ? 'no other Service selects these pods'
          : `${count} Services select these pods, with the same protocols`,
    }
  },
}

interface Claim {
  readonly service: Service
  /** Of the port in the Service. */
  readonly index: number
  readonly protocol: PortProtocol
}

/** Who says what of each port of a workload, the oldest Service first; what is left to the proxy is no claim. */
function claimsOn(
  { view }: ServiceSubject,
  object: KubeObject,
  labels: Labels,
): ReadonlyMap<number, readonly Claim[]> {
  const services = servicesSelecting(view, namespaceOf(object), labels).toSorted((one, other) =>
    byAge(agedOf(one), agedOf(other)),
  )
  const claims = new Map<number, Claim[]>()
  for (const service of services) {
    for (const [index, item] of itemsOf(fieldsOf(service.spec)['ports']).entries()) {
      const port = targetPortOf(item, object)
      const { protocol, autoDetected } = protocolOf({
        port: numberOf(fieldsOf(item)['port']) ?? 0,
        name: textOf(fieldsOf(item)['name']),
        appProtocol: textOf(fieldsOf(item)['appProtocol']),
        protocol: textOf(fieldsOf(item)['protocol']),
      })
      // A transport of its own has a port of its own.
      if (port === undefined || autoDetected || protocol === 'UDP') continue
      claims.set(port, [...(claims.get(port) ?? []), { service, index, protocol }])
    }
  }
  return claims
}

/** Protocols that one listener serves. */
const familyOf = (protocol: PortProtocol): 'http' | 'tls' | 'tcp' => {
  if (['HTTP', 'HTTP2', 'GRPC', 'GRPC-Web', 'HTTP_PROXY'].includes(protocol)) return 'http'
  return protocol === 'HTTPS' || protocol === 'TLS' ? 'tls' : 'tcp'
}

const agedOf = (service: Service) => ({
  created: textOf(service.metadata.creationTimestamp),
  name: service.metadata.name,
  namespace: namespaceOf(service),
})
