import { namespaceOf, type KubeObject } from '../../../objects/kube-object.ts'
import { checkExportTo } from '../export-to.ts'
import type { Fault } from '../../schema/fault.ts'
import { isHttp, isTls } from '../listener.ts'
import { checkSelector, faultAt, isSubnet, wildcardDomainFault } from '../names.ts'
import { checkDynamicDns } from './dynamic-dns.ts'
import { checkEndpoints } from './endpoints.ts'
import { checkServicePorts, type ServiceEntryPort } from './ports.ts'
import type { CheckedServiceEntry } from './spec.ts'

/**
 * What Istio's webhook says against a ServiceEntry, beyond its schema (istio/pkg/config/validation,
 * ValidateServiceEntry).
 */
export function* checkServiceEntry(spec: CheckedServiceEntry, object: KubeObject): Iterable<Fault> {
  const { hosts, addresses = [], ports = [], resolution = 'NONE', workloadSelector, exportTo = [] } = spec
  yield* checkSelector(workloadSelector?.labels, ['spec', 'workloadSelector', 'labels'])
  for (const [i, host] of hosts.entries()) yield* faultAt(['spec', 'hosts', i], wildcardDomainFault(host))
  for (const [i, address] of addresses.entries()) {
    if (!isSubnet(address))
      yield {
        path: ['spec', 'addresses', i],
        message: `${JSON.stringify(address)} is neither an address nor a block in CIDR notation`,
      }
  }
  yield* checkServicePorts(ports, ['spec', 'ports'])
  yield* checkEndpoints(spec)
  if (resolution === 'DYNAMIC_DNS') yield* checkDynamicDns(spec, object)
  if (resolution !== 'NONE' && hosts.length > 1) yield* checkTellsHostsApart(ports)
  yield* checkExportTo(exportTo, { namespace: namespaceOf(object), hasSelector: false, allowsNone: true }, [
    'spec',
    'exportTo',
  ])
}

/** Several hosts are distinguished by the authority of a request or the SNI of a connection. */
function* checkTellsHostsApart(ports: readonly ServiceEntryPort[]): Iterable<Fault> {
  const i = ports.findIndex(({ protocol = '' }) => !isHttp(protocol) && !isTls(protocol))
  if (i < 0) return
  const { name, protocol = '' } = ports[i]!
  const spoken = protocol === '' ? 'without a protocol' : `of protocol ${protocol}`
  yield {
    path: ['spec', 'ports', i],
    message: `several hosts cannot be distinguished on port ${name} ${spoken}; use HTTP or TLS`,
    about: name,
  }
}
