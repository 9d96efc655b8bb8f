import type { Path } from '../../rule.ts'
import type { Fault } from '../../schema/fault.ts'
import { protocolFault } from '../listener.ts'
import { faultAt, portNameFault } from '../names.ts'

/** A port of a Sidecar's listener, of which everything may be left out. */
export interface ListenerPort {
  readonly number?: number
  readonly name?: string
  readonly protocol?: string
  readonly targetPort?: number
}

/** What is wrong with it, except for the number. */
export function* checkListenerPort(
  { name = '', protocol = '', targetPort = 0 }: ListenerPort,
  path: Path,
): Iterable<Fault> {
  if (targetPort > 0)
    yield { path: [...path, 'targetPort'], message: 'targetPort has no effect on a Sidecar' }
  if (name !== '') yield* faultAt([...path, 'name'], portNameFault(name))
  if (protocol !== '') yield* faultAt([...path, 'protocol'], protocolFault(protocol))
}
