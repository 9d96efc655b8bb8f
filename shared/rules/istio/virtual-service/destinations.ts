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
  yield* faultAt(
    [...path, 'host'],
    host === '*' ? 'a destination is one host, not *' : wildcardDomainFault(host),
  )
  if (subset !== '') yield* faultAt([...path, 'subset'], subsetFault(subset))
  if (port !== undefined) yield* faultAt([...path, 'port', 'number'], portFault(port.number ?? 0))
}

/** What is wrong with the destinations of a route and their weights. */
export function* checkDestinations(route: readonly WeightedDestinationSpec[], path: Path): Iterable<Fault> {
  for (const [i, { destination, weight = 0, headers = {} }] of route.entries()) {
    yield* checkDestination(destination, [...path, i, 'destination'])
    yield* checkHeaders(headers, [...path, i, 'headers'])
    if (weight < 0)
      yield { path: [...path, i, 'weight'], message: `a weight must not be negative, but is ${weight}` }
  }
  // Istio adds int32 to int32.
  const total = route.reduce((sum, { weight = 0 }) => (sum + weight) | 0, 0)
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
