import { keyOf } from '../../../../objects/kube-object.ts'
import { refOf } from '../../../../objects/kinds.ts'
import type { ClusterView } from '../../../../view/cluster-view.ts'
import { gatewaysOf, tableKeysOf, withAssumedGateways } from '../../route/service-tables.ts'
import { routeTable } from '../../route/table.ts'
import type { EntryQuestion } from './base-routes.ts'
import { carriersOf, type Carrier } from './carriers.ts'
import { doSame, mayBeOf, uncoveredIn, versionHosts, type CohortAsked } from './cohort-table.ts'

/**
 * The places of http routes of a VirtualService that requests of a cohort reach before its copy of them, for
 * some caller. Undefined where no caller's routes are known.
 */
export function uncoveredPlaces(
  given: ClusterView,
  cohort: CohortAsked,
  { carrier, question }: { readonly carrier: Carrier; readonly question: EntryQuestion },
): ReadonlySet<number> | undefined {
  const view = withAssumedGateways(given, gatewaysOf(question))
  const carriers = view === given ? question.carriers : carriersOf(view, question.service, question)
  const own = keyOf(refOf(carrier.object))
  const tables = tableKeysOf({ view, carriers, complete: question.complete })
    .filter(key => mayBeOf(cohort.when, key))
    .map(key => ({ key, view, routes: routeTable(view, key).routes }))
    .filter(({ routes }) => routes.some(({ ref }) => keyOf(ref.object) === own))
  if (tables.length === 0) return undefined
  const refs = tables
    .flatMap(table =>
      uncoveredIn(cohort, table, (copy, base) =>
        doSame(
          { key: table.key, hosts: versionHosts(question.service) },
          { view, route: copy },
          { view, route: base },
        ),
      ),
    )
    .map(({ ref }) => ref)
  return new Set(refs.filter(({ object }) => keyOf(object) === own).map(({ place }) => Number(place[2])))
}
