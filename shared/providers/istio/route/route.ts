import type { Considered, Decision } from '../../../routing/request/decision.ts'
import { unmetBy, type Unmet } from '../../../routing/match.ts'
import type { RouteOptions } from '../../../routing/request/request-routing.ts'
import type { Request } from '../../../routing/request/request.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { once } from '../../../view/session.ts'
import {
  actionOf,
  blocked,
  defaultAction,
  passedThrough,
  refused,
  sentToHttps,
  type Action,
  type Acting,
} from './action.ts'
import { asMatched } from '../../../routing/request/normalize-path.ts'
import { routeTable, type RouteTable, type TableRoute } from './table.ts'

/**
 * What the caller's proxy does with a request, as Istio would set it up. Derives the caller's routes once per
 * session of the view.
 */
export function route(
  view: ClusterView,
  request: Request,
  { regex, complete = true }: RouteOptions,
): Decision {
  const { caller, host, port, tls = false } = request
  const table = routeTable(view, { caller, host, port, tls, complete })
  if (table.routes.length === 0)
    return { ...actionWithout(view, table, complete), route: undefined, considered: [] }
  const seen = asMatched(request)
  const refusals: Unmet[] = []
  for (const candidate of table.routes) {
    const unmet = unmetBy(candidate.match, seen, regex)
    if (unmet === undefined)
      return {
        ...takenBy(view, candidate, { asker: candidate.asker, tls, complete }),
        route: candidate.ref,
        considered: consideredIn(table, refusals),
      }
    refusals.push(unmet)
  }
  return { ...refused, reason: 'no-route', route: undefined, considered: consideredIn(table, refusals) }
}

const takenBy = (view: ClusterView, candidate: TableRoute, acting: Acting): Action =>
  once(view, [candidate, acting.complete ? 'complete' : 'partial'], () =>
    actionOf(view, candidate.route, acting),
  )

function actionWithout(
  view: ClusterView,
  table: RouteTable,
  complete: boolean,
): Action & Pick<Decision, 'reason'> {
  const { kind, provided, asker } = table
  switch (kind) {
    case 'default':
    case 'opaque':
      return once(view, [table, complete ? 'complete' : 'partial'], () =>
        defaultAction(view, provided ?? '', { asker, tls: false, complete }),
      )
    case 'passthrough':
      return passedThrough
    case 'blocked':
      return blocked
    case 'https-only':
      return sentToHttps
    case 'gone':
      return { ...refused, reason: 'no-listener' }
    case 'unknown':
      return { ...refused, reason: 'no-host' }
    case 'routes':
      return { ...refused, reason: 'no-route' }
  }
}

/** What was asked before, those that the proxy does not have among them where they are written. */
function consideredIn({ routes, skipped }: RouteTable, refusals: readonly Unmet[]): readonly Considered[] {
  const considered: Considered[] = []
  let next = 0
  for (let i = 0; i <= refusals.length; i++) {
    for (; next < skipped.length && skipped[next]!.after <= i; next++) {
      const { ref, unmet } = skipped[next]!
      considered.push({ route: ref, unmet })
    }
    if (i < refusals.length) considered.push({ route: routes[i]!.ref, unmet: refusals[i]! })
  }
  return considered
}
