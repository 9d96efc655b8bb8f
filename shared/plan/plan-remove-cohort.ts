import { CanaryError } from '../objects/canary-error.ts'
import { cohortsOf, endCohort } from '../providers/istio/edit/canary.ts'
import { recordOf } from '../providers/istio/read/record.ts'
import type { ClusterView } from '../view/cluster-view.ts'
import { finish } from './finish.ts'
import type { RemoveCohortIntent } from './intent.ts'
import type { Plan } from './plan.ts'
import { refuseOwned, routesTo } from './target/routes.ts'
import { idOf } from '../providers/istio/read/routed-service.ts'
import { findService, servicesIn } from './target/services.ts'

/** A cohort's routes go, and with the last one everything that was set up for it. A cohort that is not there is gone already. */
export function planRemoveCohort(view: ClusterView, { target, name }: RemoveCohortIntent): Plan {
  const title = `cohort ${name} removed`
  if (target.service === undefined && !isAnywhere(view, name, target.namespace)) {
    return {
      title,
      people: [],
      changes: [],
      objects: [],
      notes: [
        `There is no cohort ${name} in namespace ${target.namespace}.${existing(view, target.namespace)}`,
      ],
    }
  }
  const service = findService(view, target, { cohort: name, routed: true })
  const routes = routesTo(view, service).filter(route =>
    cohortsOf(route, service).some(cohort => cohort.name === name),
  )
  for (const route of routes) refuseOwned(view, route)
  const notes =
    routes.length > 0 ? [] : [`${service.name} has no cohort ${name}.${existing(view, target.namespace)}`]
  return finish(view, {
    title,
    service,
    notes,
    changes: routes.map(before => ({ before, after: endCohort(before, service, name) })),
  })
}

function recordsIn(view: ClusterView, namespace: string): ReturnType<typeof recordOf>['cohorts'] {
  const ids = new Set(servicesIn(view, namespace).map(idOf))
  return view
    .list('VirtualService')
    .flatMap(route =>
      tolerantRecord(route).filter(({ service }) => service.endsWith(`.${namespace}`) || ids.has(service)),
    )
}

const isAnywhere = (view: ClusterView, name: string, namespace: string): boolean =>
  recordsIn(view, namespace).some(cohort => cohort.name === name)

function existing(view: ClusterView, namespace: string): string {
  const names = [...new Set(recordsIn(view, namespace).map(({ name }) => name))].toSorted()
  return names.length === 0 ? '' : ` There are ${names.join(', ')}.`
}

/** Somebody else's spoilt record in another VirtualService is no reason to fail here. */
function tolerantRecord(route: Parameters<typeof recordOf>[0]): ReturnType<typeof recordOf>['cohorts'] {
  try {
    return recordOf(route).cohorts
  } catch (error) {
    if (error instanceof CanaryError && error.code === 'unreadable') return []
    throw error
  }
}
