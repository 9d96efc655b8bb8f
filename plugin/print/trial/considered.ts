import { keyOf } from '../../../shared/objects/kube-object.ts'
import { formatPath } from '../../../shared/objects/paths.ts'
import type { RouteRef } from '../../../shared/routing/request/decision.ts'
import type { Trial } from '../../../shared/trial/trial.ts'
import type { Paint } from '../colour.ts'
import type { Unmet } from '../../../shared/routing/match.ts'

/** A route as people find it: `VirtualService shop/catalog spec.http[0]`, with its name behind it. */
export const formatRoute = ({ object, place, name }: RouteRef): string =>
  `${keyOf(object)} ${formatPath(place)}${name === undefined || name === '' ? '' : ` (${name})`}`

/** Why a route does not take a request: `header x-tenant must be gold, but is silver`, `path must match /v[0-9]+, but is /`. */
export function formatUnmet({ on, name, expected, actual }: Unmet): string {
  const what =
    on === 'caller-label'
      ? `label ${name} of the caller`
      : name === undefined
        ? subjects[on]
        : `${subjects[on]} ${name}`
  return `${what} ${mustBe(expected)}, but is ${actual === undefined ? 'absent' : actual === '' ? 'empty' : actual}`
}

const mustBe = (expected: string): string => {
  const [, not, pattern] = /^(not )?~ ([^]*)$/.exec(expected) ?? []
  return pattern === undefined ? `must be ${expected}` : `must ${not ?? ''}match ${pattern}`
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

/**
 * Each route that was tried, in order: those that did not take the request with the reason on a line of its own, then
 * the one that did.
 */
export const consideredLines = (
  { decision: { considered, route } }: Trial,
  { green, dim }: Paint,
): readonly string[] => [
  ...considered
    .map(({ route: other, unmet }) => [dim(`no   ${formatRoute(other)}`), dim(`     ${formatUnmet(unmet)}`)])
    // A route of several methods is tried once for each, with the same reason.
    .filter((lines, i, all) => lines.join() !== all[i - 1]?.join())
    .flat(),
  ...(route === undefined ? [] : [`${green('yes')}  ${formatRoute(route)}`]),
]
