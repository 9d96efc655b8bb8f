import type { Destination } from '../../../objects/virtual-service.ts'
import type { Path } from '../../rule.ts'
import type { Fault } from '../../schema/fault.ts'
import { faultAt, portFault, subsetFault, wildcardDomainFault } from '../names.ts'
import { checkHeaders, type Headers } from './headers.ts'

export interface WeightedDestinationSpec {
  readonly destination: Destination
  readonly weight?: number
  readonly headers?: Headers
}
export interface Mirror {
  readonly destination: Destination
  readonly percentage?: { readonly value?: number }
}

/** What is wrong with where a route, mirror or proxy leads, as it is spelled. */
export function* checkDestination({ host, subset = '', port }: Destination, path: Path): Iterable<Fault> {
  yield* faultAt([...path, 'host'], hostFault(host))
  if (subset !== '') yield* faultAt([...path, 'subset'], subsetFault(subset))
  if (port !== undefined) yield* faultAt([...path, 'port', 'number'], portFault(port.number ?? 0))
}

const hostFault = (host: string): string | undefined =>
  host === '*' ? 'a destination is one host, not *' : wildcardDomainFault(host)

/** Whether {@link checkDestination} finds nothing: notified of each, and where it is only of those with a fault. */
const isSound = ({ host, subset = '', port }: Destination): boolean =>
  hostFault(host) === undefined
  && (subset === '' || subsetFault(subset) === undefined)
  && (port === undefined || portFault(port.number ?? 0) === undefined)

/** What is wrong with the destinations of a route and their weights. */
export function* checkDestinations(route: readonly WeightedDestinationSpec[], path: Path): Iterable<Fault> {
  // Istio adds int32 to int32.
  let total = 0
  for (let i = 0; i < route.length; i++) {
    const { destination, weight = 0, headers } = route[i]!
    if (!isSound(destination)) yield* checkDestination(destination, [...path, i, 'destination'])
    if (headers !== undefined) yield* checkHeaders(headers, [...path, i, 'headers'])
    if (weight < 0)
      yield { path: [...path, i, 'weight'], message: `a weight must not be negative, but is ${weight}` }
    total = (total + weight) | 0
  }
  if (route.length > 1 && total === 0)
    yield { path, message: 'the weights of several destinations must not add up to 0', about: 'total 0' }
}

/** What is wrong with mirrors in the form of a list. */
export function* checkMirrors(mirrors: readonly Mirror[], path: Path): Iterable<Fault> {
  for (const [i, { destination, percentage: { value = 0 } = {} }] of mirrors.entries()) {
    yield* checkDestination(destination, [...path, i, 'destination'])
    if (value < 0 || value > 100)
      yield {
        path: [...path, i, 'percentage', 'value'],
        message: `a percentage must be from 0 to 100, not ${value}`,
      }
  }
}
