import { namespaceOf } from '../../../objects/kube-object.ts'
import { mistyped } from '../../../objects/text/closest.ts'
import { fieldsOf, itemsOf, numberOf, textOf } from '../../../objects/unchecked.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { deadBackend } from '../../facts/routed-backends.ts'
import { formatPath, type Rule } from '../../rule.ts'
import {
  aboutPart,
  lossOf,
  nameOfPart,
  placedParts,
  type PlacedPart,
} from '../../facts/backends/placed-parts.ts'

/** The port is the number or the name of one of the Service, not that of the pods. */
export const unknownApisixPort: Rule<'ApisixRoute'> = {
  id: 'unknown-port',
  family: deadBackend,
  severity: { webhook: 'error', lint: 'error' },
  summary:
    "The port of a destination is a port of the Service: the Service's own port number, not that of the pods.",
  fix: 'Use a port number from `spec.ports[].port` of the Service.',
  subject: 'ApisixRoute',
  reads: ['Service', 'ApisixUpstream'],
  needs: ['Service'],
  *check(view, route) {
    const namespace = namespaceOf(route)
    for (const part of placedParts(view, route)) {
      if (part.skipped !== 'PortNotFound') continue
      const { numbers, meant } = portsFor(view, namespace, part)
      const path = [...part.place, 'servicePort']
      const has = numbers.length === 0 ? '' : `; it has ${numbers.join(', ')}`
      yield {
        path,
        message: `${nameOfPart(route, part)} ${lackOf(part)}${has}${lossOf(part)}`,
        about: aboutPart(part),
        absent: 'other',
        ...(part.receives ? {} : { severity: { webhook: 'warning', lint: 'warning' } }),
        ...(meant === undefined ? {} : { fix: `Set ${formatPath(path)}: ${meant}` }),
        tells: [{ kind: 'Service', namespace }],
        restsOn: [{ kind: 'Service', namespace, name: part.name }],
      }
    }
  },
}

/** A number in quotes is the name of a port to the controller (translator/apisixroute.go). */
const lackOf = ({ backend: { servicePort } }: PlacedPart): string =>
  textOf(servicePort) === undefined
    ? `has no port ${servicePort ?? ''}`
    : `has no port of the name ${JSON.stringify(servicePort)}`

interface OfferedPorts {
  readonly numbers: readonly number[]
  /** What is to be written: the number that was quoted, the name that was mistyped, or the numbers that there are. */
  readonly meant: string | undefined
}

function portsFor(view: ClusterView, namespace: string, { name, backend }: PlacedPart): OfferedPorts {
  const service = view.get({ kind: 'Service', namespace, name })
  const ports = itemsOf(fieldsOf(service?.spec)['ports']).map(fieldsOf)
  const numbers = ports.flatMap(({ port }) => numberOf(port) ?? [])
  const names = ports.flatMap(({ name: called }) => textOf(called) ?? [])
  const said = textOf(backend.servicePort)
  const quoted = numbers.find(number => String(number) === said)
  const near = quoted?.toString() ?? (said === undefined ? undefined : mistyped(said, names))
  return { numbers, meant: near ?? (numbers.length === 0 ? undefined : numbers.join(' or ')) }
}
