import { enumerated } from '../../objects/text/listed.ts'
import { keyOf } from '../../objects/kube-object.ts'
import { quotedName } from '../../objects/text/escaped.ts'
import type { Diagnosis } from '../../providers/istio/read/routes/diagnoses.ts'
import type { PortsFor } from '../facts/destinations.ts'

/** What is done where a destination cannot name another port: no port, or none that all clients would have. */
export function addingPort(
  { reference: { host }, failing }: Pick<Diagnosis, 'reference' | 'failing'>,
  { ports }: PortsFor,
): string {
  // Istio makes no cluster of a UDP port.
  if (ports.length === 0) return `Add a TCP port to ${quotedName(host)}, or route to a host that has one.`
  const missing = [...new Set(failing.flatMap(({ port }) => port ?? []))]
  const lacking = [...new Set(failing.flatMap(({ provider }) => (provider ? keyOf(provider.ref) : [])))]
  return `Add port ${missing.join(' and ')} to ${enumerated(lacking)}, or route to another host.`
}
