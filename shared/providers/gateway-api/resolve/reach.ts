import type { ServiceRoute } from '../../../objects/gateway-api.ts'
import { namespaceOf } from '../../../objects/kube-object.ts'
import type { Completeness } from '../../../routing/service.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { once } from '../../../view/session.ts'
import { attachmentsOf, type Attachment } from './attachments.ts'
import { matchesOf, type ReadMatch } from './matches.ts'
import { isService } from './references.ts'
import { usesDefaultGateways } from './routes.ts'
import { shadowedByOwn } from './shadowed.ts'
import { hostnameTable, serviceTable, shadowedIn, type MatchTable, type TableMatch } from './table.ts'

/**
 * The tables of all entrances at which a route is attached: one for each hostname of a listener, and for each port
 * of a Service, as callers of the route's own namespace have it. A table need not have the route: see {@link isIn}.
 */
export const tablesOf = (
  view: ClusterView,
  route: ServiceRoute,
  { complete }: Completeness,
): readonly MatchTable[] =>
  once(view, [complete ? whole : partial, route], () =>
    attachmentsOf(view, route, { complete }).flatMap(attachment => [
      ...attachment.listeners.flatMap(({ gateway, listener, hostnames }) =>
        hostnames.map(hostname => hostnameTable(view, { gateway, listener, hostname, complete })),
      ),
      ...portsIn(attachment).map(port =>
        serviceTable(view, { service: attachment.parent, port, namespace: namespaceOf(route), complete }),
      ),
    ]),
  )

const [whole, partial] = [{}, {}]

/** Of a Service that is not in view, any port that no route names. */
const unnamedPort = 0

const portsIn = ({ service, parent, isAssumed }: Attachment): readonly number[] => {
  if (service !== undefined) return service.ports
  if (!isAssumed || !isService(parent)) return []
  return parent.port === undefined ? [80, unnamedPort] : [parent.port]
}

/** Whether a route may be attached to a Gateway that is not in view. */
const isBeyondView = (view: ClusterView, route: ServiceRoute, completeness: Completeness): boolean =>
  usesDefaultGateways(route)
  || attachmentsOf(view, route, completeness).some(({ isAssumed, parent }) => isAssumed && !isService(parent))

/** Whether a table has a match of a route. A route of the other kind at the same hostname or Service may keep it out. */
export const isIn = ({ matches }: MatchTable, route: ServiceRoute): boolean =>
  matches.some(each => isSame(each.route, route))

/** A match that no request reaches at any entrance of its route. */
export interface UnreachedMatch extends ReadMatch {
  /** What asks for no more and goes before it, at one entrance each. */
  readonly by: readonly TableMatch[]
}

/**
 * The matches of a route that no request reaches at any of the entrances that have the route; those that nobody can
 * read (no `match`) are not among them. Of a route at a Gateway that is not in view those that the route itself hides.
 */
export function unreachedMatches(
  view: ClusterView,
  route: ServiceRoute,
  completeness: Completeness,
): readonly UnreachedMatch[] {
  const tables = tablesOf(view, route, completeness).filter(table => isIn(table, route))
  if (tables.length === 0) return []
  const shadows = tables.map(table => ownShadows(view, table, route))
  const hidden = isBeyondView(view, route, completeness)
    ? new Set([...shadowedByOwn(view, route).keys()].map(keyOf))
    : undefined
  return matchesOf(route).flatMap(read => {
    if (hidden?.has(keyOf(read)) === false) return []
    const by = shadows.map(found => found.get(keyOf(read)))
    const isUnreached = read.match !== undefined && by.every(each => each !== undefined)
    return isUnreached ? [{ ...read, by: [...new Set(by)] }] : []
  })
}

/** What goes before the matches of a route in one table, by the places of those. */
const ownShadows = (
  view: ClusterView,
  table: MatchTable,
  route: ServiceRoute,
): ReadonlyMap<string, TableMatch> =>
  new Map(
    [...shadowedIn(view, table)]
      .filter(([each]) => isSame(each.route, route))
      .map(([each, before]) => [keyOf(each), before]),
  )

const keyOf = ({ rule, index }: Pick<ReadMatch, 'rule' | 'index'>): string => `${rule} ${index}`

const isSame = (one: ServiceRoute, other: ServiceRoute): boolean =>
  one.kind === other.kind
  && one.metadata.name === other.metadata.name
  && namespaceOf(one) === namespaceOf(other)
