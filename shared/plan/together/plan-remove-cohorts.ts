import type { Provider } from '../../routing/provider.ts'
import { providers as allProviders } from '../../providers/providers.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import { inSession } from '../../view/session.ts'
import { listed } from '../find/first-ten.ts'
import type { RemoveCohortIntent } from '../intent.ts'
import { findCohort, planRemoveCohort } from '../plan-remove-cohort.ts'
import type { Plan } from '../plan.ts'
import { partTarget, refusedTogether, type ChosenServices } from './part-target.ts'
import { planTogether } from './plan-together.ts'

/** A cohort of several services removed as one change: of those that are named, or of all that have it. */
export function planRemoveCohorts(
  given: ClusterView,
  { services, ...intent }: RemoveCohortIntent & { readonly services: ChosenServices },
  providers: readonly Provider[] = allProviders,
): Plan {
  const { target, name } = intent
  const world = { view: inSession(given), providers }
  const having = providers.flatMap(provider =>
    provider
      .cohorts(world.view, target.namespace)
      .filter(cohort => cohort.name === name)
      .map(({ routed }) => routed.name),
  )
  const names = services === 'all' ? [...new Set(having)].toSorted() : services
  if (names.length === 0)
    return planRemoveCohort(given, { ...intent, target: { ...target, service: undefined } }, providers)
  const planFor = (some: readonly string[]): Plan =>
    planTogether(
      world.view,
      some.map(service => ({
        name: service,
        plan: view => {
          const own = partTarget(target, services, service)
          const { provider } = findCohort({ view, providers }, own, name)
          return { provider, plan: planRemoveCohort(view, { ...intent, target: own }, providers) }
        },
      })),
      {
        title: services => `cohort ${name} removed from ${listed(services)}`,
        refuse: failed =>
          refusedTogether(
            {
              view: world.view,
              target,
              typed: services,
              names: some,
              what: `cohort ${name} cannot be removed from`,
              planFor,
            },
            failed,
          ),
      },
    )
  return planFor(names)
}
