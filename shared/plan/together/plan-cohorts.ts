import { CanaryError } from '../../objects/canary-error.ts'
import { compareNaturally } from '../../objects/text/natural-order.ts'
import type { Condition } from '../../routing/condition.ts'
import { defaultCondition } from '../../routing/condition.ts'
import type { Note } from '../../routing/note.ts'
import type { Provider } from '../../routing/provider.ts'
import { providers as allProviders } from '../../providers/providers.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import { inSession } from '../../view/session.ts'
import { findService, readFound, servicesIn, type World } from '../find/find-service.ts'
import { versionsNamed } from '../find/find-version.ts'
import { listed } from '../find/first-ten.ts'
import type { CohortIntent, Target } from '../intent.ts'
import { planCohort } from '../plan-cohort.ts'
import { trafficsOf, type Plan } from '../plan.ts'
import { partTarget, refusedTogether, type ChosenServices } from './part-target.ts'
import { planTogether } from './plan-together.ts'

/**
 * A cohort of several services, as one change: those that are named, or all of the namespace that have a route
 * and the version beside another one. Throws a CanaryError that names each service that cannot have it.
 */
export function planCohorts(
  given: ClusterView,
  { services, ...intent }: CohortIntent & { readonly services: ChosenServices },
  providers: readonly Provider[] = allProviders,
): Plan {
  const { target, name, to } = intent
  const world = { view: inSession(given), providers }
  const names = services === 'all' ? withVersion(world, target, to) : services
  const planFor = (some: readonly string[]): Plan =>
    planTogether(
      world.view,
      some.map(service => ({ name: service, plan: view => partOf(view, service) })),
      {
        title: services => `cohort ${name} → ${to} for ${listed(services)}`,
        refuse: failed =>
          refusedTogether({ view: world.view, target, typed: services, names: some, what, planFor }, failed),
      },
    )
  const what = `cohort ${name} cannot be set for`
  const partOf = (view: ClusterView, service: string) => {
    const own = partTarget(target, services, service)
    const plan = planCohort(view, { ...intent, target: own }, providers)
    const { provider } = findService({ view, providers }, own, { routed: true })
    return { provider, plan }
  }
  const plan = planFor(names)
  return { ...plan, notes: [...plan.notes, ...forwardNotes(plan, intent)] }
}

/** The services of a namespace that have a route and the version beside another one. */
function withVersion(world: World, target: Target, version: string): readonly string[] {
  const all = servicesIn(world, target.namespace).map(found => ({
    name: found.service.name,
    isRouted: found.provider.isRouted(world.view, found.service),
    versions: readFound(world, found, target).versions,
  }))
  const fitting = all.filter(
    ({ isRouted, versions }) =>
      isRouted && versions.length > 1 && versionsNamed(versions, version).length > 0,
  )
  if (fitting.length > 0) return fitting.map(({ name }) => name)
  const known = all
    .filter(({ versions }) => versions.length > 0)
    .map(({ name, versions, isRouted }) => {
      const names = versions.map(each => each.name).toSorted(compareNaturally)
      return `${name} has ${names.join(', ')}${isRouted ? '' : ' and no route'}`
    })
  throw new CanaryError(
    'not-found',
    `no Service in namespace ${target.namespace} has a route, version ${version} and a second version`,
    {
      hints: [
        known.length === 0
          ? `No Service in namespace ${target.namespace} has versions. Choose another one with -n.`
          : `${listed(known, '; ')}.`,
        'A Service gets its first route with kubectl canary init.',
      ],
    },
  )
}

/** What travels with a request, by the condition on it, and is lost where a service does not send it on. */
const carried: Partial<Readonly<Record<Condition['on'], string>>> = {
  header: 'header',
  cookie: 'cookie',
  query: 'query parameter',
}

function carriedBy({ on, name }: Condition): readonly string[] {
  const what = carried[on]
  return what === undefined ? [] : [`${what} ${name}`]
}

/** Which services must send on what the cohort is told by. */
function forwardNotes(plan: Plan, { name }: Pick<CohortIntent, 'name'>): readonly Note[] {
  const after = trafficsOf(plan).map(traffic => traffic.after)
  const cohorts = after.flatMap(({ entryPoints }) => entryPoints.flatMap(point => point.cohorts))
  const conditions = cohorts.find(cohort => cohort.name === name)?.conditions ?? [defaultCondition(name)]
  const marks = [...new Set(conditions.flatMap(carriedBy))]
  const services = after.map(({ service }) => service)
  if (services.length < 2 || marks.length === 0) return []
  const entries = after
    .filter(({ entryPoints }) =>
      entryPoints.some(
        ({ gateways, idle }) => idle === undefined && gateways.some(gateway => gateway !== 'mesh'),
      ),
    )
    .map(({ service }) => service)
  return [{ kind: 'forward', cohort: name, carried: marks, services, entries }]
}
