import type { Path } from '../../rule.ts'
import type { Fault } from '../../schema/fault.ts'
import { isSocket, socketFault } from '../listener.ts'
import { checkLabels, domainFault, faultAt, isAddress, portFault, portNameFault } from '../names.ts'

/** A WorkloadEntry's spec that holds its schema; also an endpoint of a ServiceEntry. */
export interface CheckedWorkloadEntry {
  readonly address?: string
  readonly network?: string
  readonly ports?: Readonly<Record<string, number>>
  readonly labels?: Readonly<Record<string, string>>
}

/**
 * What Istio's webhook says against a WorkloadEntry, beyond its schema (istio/pkg/config/validation,
 * ValidateWorkloadEntry).
 */
export function* checkWorkloadEntry(spec: CheckedWorkloadEntry, path: Path): Iterable<Fault> {
  const { address = '', network = '', ports = {}, labels } = spec
  if (address === '' && network === '')
    yield {
      path,
      message: 'must have an address or a network',
      about: 'address',
    }
  if (isSocket(address)) {
    yield* faultAt([...path, 'address'], socketFault(address))
    if (Object.keys(ports).length > 0)
      yield { path: [...path, 'ports'], message: 'a Unix domain socket has no ports', about: '' }
  } else if (address !== '' && !isAddress(address)) {
    yield* faultAt([...path, 'address'], domainFault(address))
  }
  yield* checkPorts(ports, [...path, 'ports'])
  yield* checkLabels(labels, [...path, 'labels'])
}

/** What is wrong with ports by name, where they are those of a workload. */
export function* checkPorts(ports: Readonly<Record<string, number>>, path: Path): Iterable<Fault> {
  for (const [name, port] of Object.entries(ports)) {
    const message = portNameFault(name)
    if (message !== undefined) yield { path: [...path, name], message, about: '' }
    yield* faultAt([...path, name], portFault(port))
  }
}
