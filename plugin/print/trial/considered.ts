import { formatPath } from '../../../shared/objects/paths.ts'
import type { RouteRef } from '../../../shared/routing/request/decision.ts'
import type { Trial } from '../../../shared/trial/trial.ts'
import type { Unmet } from '../../../shared/routing/match.ts'

/** A route as people find it: `VirtualService shop/catalog spec.http[0]`, with its name behind it. */
export const formatRoute = ({ object, place, name }: RouteRef): string =>
  `${object.kind} ${object.namespace}/${object.name} ${formatPath(place)}${name === undefined || name === '' ? '' : ` (${name})`}`

/** Why a route does not take a request: `header x-tenant must be gold, is silver`. */
export function formatUnmet({ on, name, expected, actual }: Unmet): string {
  const what =
    on === 'caller-label'
      ? `label ${name} of the caller`
      : name === undefined
        ? subjects[on]
        : `${subjects[on]} ${name}`
  return `${what} must be ${expected}, ${actual === undefined ? 'is absent' : `is ${actual === '' ? 'empty' : actual}`}`
}

const subjects: Readonly<Record<Unmet['on'], string>> = {
  'caller-label': 'label of the caller',
  'caller-namespace': 'namespace of the caller',
  entrance: 'gateway',
  port: 'port',
  path: 'path',
  method: 'method',
  scheme: 'scheme',
  authority: 'Host header',
  header: 'header',
  claim: 'claim',
  query: 'query parameter',
}

/** The rows of a table: each route that was asked and why it did not take the request, then the one that did. */
export const consideredRows = ({
  decision: { considered, route },
}: Trial): readonly (readonly string[])[] => [
  ...considered.map(({ route: other, unmet }) => ['no', formatRoute(other), formatUnmet(unmet)]),
  ...(route === undefined ? [] : [['yes', formatRoute(route), 'takes the request']]),
]
