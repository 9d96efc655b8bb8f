import type { Path } from '../../rule.ts'
import type { Fault } from '../../schema/fault.ts'
import { protocolFault } from '../listener.ts'
import { faultAt, portFault, portNameFault } from '../names.ts'

/** A port of a ServiceEntry. */
export interface ServiceEntryPort {
  readonly number: number
  readonly name: string
  readonly protocol?: string
  readonly targetPort?: number
}

/**
 * What is wrong with the ports of a ServiceEntry. That numbers and names stand once each is in the schema.
 */
export function* checkServicePorts(ports: readonly ServiceEntryPort[], path: Path): Iterable<Fault> {
  for (const [i, { number, name, protocol = '', targetPort = 0 }] of ports.entries()) {
    const at = [...path, i]
    yield* faultAt([...at, 'name'], portNameFault(name))
    yield* faultAt([...at, 'number'], portFault(number))
    if (protocol !== '') yield* faultAt([...at, 'protocol'], protocolFault(protocol))
    if (targetPort !== 0) yield* faultAt([...at, 'targetPort'], portFault(targetPort))
  }
}
