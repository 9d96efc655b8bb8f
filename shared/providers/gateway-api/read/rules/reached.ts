import type { ServiceRoute } from '../../../../objects/gateway-api.ts'
import { namespaceOf } from '../../../../objects/kube-object.ts'
import type { Completeness } from '../../../../routing/service.ts'
import type { ClusterView } from '../../../../view/cluster-view.ts'
import { once } from '../../../../view/session.ts'
import { attachmentsOf, type AttachmentRefusal } from '../../resolve/attachments.ts'
import { hostnameTable, serviceTable, shadowedIn, type MatchTable } from '../../resolve/table.ts'

/** Where requests come to a route. */
export interface Entrances {
  /** The tables that its matches are in. */
  readonly tables: readonly MatchTable[]
  /** Some parent is not in view, and may be elsewhere: nothing is said of what is reached there. */
  readonly isAssumed: boolean
  readonly refusals: readonly AttachmentRefusal[]
}

/** Where requests come to a route; derived once per session. */
export const entrancesOf = (view: ClusterView, route: ServiceRoute, { complete }: Completeness): Entrances =>
  once(view, [complete ? entrancesOf : attachmentsOf, route], () => {
    const attachments = attachmentsOf(view, route, { complete })
    const tables = attachments.flatMap(({ listeners, service: at }): readonly MatchTable[] => [
      ...listeners.flatMap(({ gateway, listener, hostnames }) =>
        hostnames.map(hostname => hostnameTable(view, { gateway, listener, hostname, complete })),
      ),
      ...(at?.ports ?? []).map(port =>
        serviceTable(view, { service: at!.service, port, namespace: namespaceOf(route), complete }),
      ),
    ])
    return {
      tables,
      isAssumed: attachments.some(({ isAssumed }) => isAssumed),
      refusals: attachments.flatMap(({ refusal }) => refusal ?? []),
    }
  })

/** The rules of a route that take requests, by their places. */
export const reachedRules = (
  view: ClusterView,
  route: ServiceRoute,
  completeness: Completeness,
): ReadonlySet<number> | 'all' => {
  const { tables, isAssumed } = entrancesOf(view, route, completeness)
  if (isAssumed) return 'all'
  return new Set(
    tables.flatMap(table => {
      const shadowed = shadowedIn(view, table)
      return table.matches
        .filter(match => match.route === route && !shadowed.has(match))
        .map(({ rule }) => rule)
    }),
  )
}
