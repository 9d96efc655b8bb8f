import { endCohortsBeside } from '../providers/istio/edit/placing/beside.ts'
import { endCohort } from '../providers/istio/edit/canary.ts'
import { readService } from '../providers/istio/read/reading.ts'
import { cohortsIn, createdFor, recordIn, type CohortRecord } from '../providers/istio/read/record/record.ts'
import { idOf } from '../providers/istio/read/routed-service.ts'
import type { ClusterView } from '../view/cluster-view.ts'
import { inSession } from '../view/session.ts'
import { finish } from './finish.ts'
import type { RemoveCohortIntent } from './intent.ts'
import type { Plan } from './plan.ts'
import { refuseOwned } from './target/routes.ts'
import { completenessOf, findService, servicesIn } from './target/services.ts'

/**
 * A cohort's routes go, and with the last one everything that was set up for it. A cohort that does not exist
 * needs no change.
 */
export function planRemoveCohort(given: ClusterView, { target, name }: RemoveCohortIntent): Plan {
  const view = inSession(given)
  const title = `cohort ${name} removed`
  if (target.service === undefined && !isAnywhere(view, name, target.namespace)) {
    const note = `There is no cohort ${name} in namespace ${target.namespace}.${existing(view, target.namespace)}`
    return { title, people: [], changes: [], objects: [], notes: [note] }
  }
  const service = findService(view, target, { cohort: name, routed: true })
  // Also where the route that the cohort stood before leads elsewhere by now.
  const routes = view
    .list('VirtualService')
    .filter(route => cohortsIn(route, service).some(cohort => cohort.name === name))
  for (const route of routes) refuseOwned(view, route)
  const notes =
    routes.length > 0 ? [] : [`${service.name} has no cohort ${name}.${existing(view, target.namespace)}`]
  return finish(readService(view, service, completenessOf(target)), {
    title,
    notes,
    changes: routes.map(before => ({
      before,
      after:
        createdFor(before) === undefined
          ? endCohort(before, service, name)
          : endCohortsBeside(before, service, cohort => cohort.name === name),
    })),
  })
}

/** The cohorts of a namespace's services, and those that a VirtualService of the namespace carries. */
function recordsIn(view: ClusterView, namespace: string): readonly CohortRecord[] {
  const ids = new Set(servicesIn(view, namespace).map(idOf))
  return view
    .list('VirtualService')
    .flatMap(route =>
      (recordIn(route)?.cohorts ?? []).filter(
        ({ service }) => ids.has(service) || service.endsWith(`.${namespace}`),
      ),
    )
}

const isAnywhere = (view: ClusterView, name: string, namespace: string): boolean =>
  recordsIn(view, namespace).some(cohort => cohort.name === name)

function existing(view: ClusterView, namespace: string): string {
  const names = [...new Set(recordsIn(view, namespace).map(({ name }) => name))].toSorted()
  return names.length === 0 ? '' : ` There are ${names.join(', ')}.`
}
