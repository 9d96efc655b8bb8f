import { refOf } from '../../objects/kinds.ts'
import { keyOf } from '../../objects/kube-object.ts'
import type { Service } from '../../objects/core.ts'
import { formatPath } from '../../objects/paths.ts'
import { fieldsOf, itemsOf, numberOf, textOf } from '../../objects/unchecked.ts'
import { protocolOf } from '../../workloads/mesh/port-protocol.ts'
import { routingNeeds } from '../../rules/facts/destinations.ts'
import type { CheckResult, ServiceCheck } from '../check.ts'
import { foundByRules } from '../facts/from-rules.ts'
import { likelyProtocol } from '../../workloads/mesh/likely-protocol.ts'
import { setField } from '../facts/patches.ts'

/** Without a protocol a proxy guesses from the first bytes; on some ports it takes all to be TCP. */
export const ports: ServiceCheck = {
  id: 'ports',
  summary:
    'Each port of the Service declares its protocol, in its name (`http`, `grpc-web`, `tcp-…`) or in appProtocol, and routes name ports that exist.',
  fix: 'Start the name of the port with its protocol, or set appProtocol.',
  needs: routingNeeds,
  states: ['warn', 'fail'],
  ofMesh: true,
  *check(subject) {
    const { services } = subject
    const found = foundByRules(subject, 'ports')
    yield* found
    const told = new Set(found.map(({ finding }) => `${keyOf(finding!.ref)} ${formatPath(finding!.path)}`))
    for (const service of services)
      for (const result of undeclaredIn(service)) if (!told.has(result.place)) yield result.result
    const said = services.flatMap(service => itemsOf(fieldsOf(service.spec)['ports']).map(spoken))
    if (said.length > 0) yield { state: 'pass', message: [...new Set(said)].join(', ') }
  },
}

function undeclaredIn(service: Service): readonly { readonly place: string; readonly result: CheckResult }[] {
  return itemsOf(fieldsOf(service.spec)['ports']).flatMap((item, i) => {
    const naming = namingOf(item)
    if (naming === undefined || naming.protocol === 'UDP' || naming.protocol === 'SCTP') return []
    // From its number alone a port may be treated as TCP: that is not a declaration.
    if (!protocolOf({ ...naming, port: 1 }).autoDetected) return []
    const value = likelyProtocol(item)
    const name = textOf(naming.appProtocol) ?? naming.name
    return [
      {
        place: `${keyOf(refOf(service))} spec.ports[${i}]`,
        result: {
          state: 'warn' as const,
          ref: refOf(service),
          message: `port ${naming.port} of Service ${service.metadata.name} does not declare its protocol${
            name === undefined ? '' : ` (${name} is not a protocol)`
          }: probably ${value}`,
          fix: setField(service, ['spec', 'ports', i, 'appProtocol'], value),
        },
      },
    ]
  })
}

interface Naming {
  readonly name: string | undefined
  readonly appProtocol: string | undefined
  readonly protocol: string | undefined
  readonly port: number
}

function namingOf(item: unknown): Naming | undefined {
  const { port, name, appProtocol, protocol } = fieldsOf(item)
  const number = numberOf(port)
  if (number === undefined) return undefined
  return {
    port: number,
    name: textOf(name),
    appProtocol: textOf(appProtocol),
    protocol: textOf(protocol),
  }
}

/** `80 http`. */
function spoken(item: unknown): string {
  const naming = namingOf(item)
  return naming === undefined ? '' : `${naming.port} ${protocolOf(naming).protocol.toLowerCase()}`
}
