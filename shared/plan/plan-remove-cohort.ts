import { CanaryError } from '../objects/canary-error.ts'
import { providers as allProviders } from '../providers/providers.ts'
import type { ClusterView } from '../view/cluster-view.ts'
import { inSession } from '../view/session.ts'
import { findService, readFound, type FoundService, type World } from './find/find-service.ts'
import { bareService } from './find/parse-service.ts'
import { finish } from './finish/finish.ts'
import { purposeOf, type RemoveCohortIntent, type Target } from './intent.ts'
import type { Plan } from './plan.ts'

/**
 * A cohort's routes go, and with the last one everything that was set up for it. A cohort that does not exist
 * needs no change.
 */
export function planRemoveCohort(
  given: ClusterView,
  { target, name }: RemoveCohortIntent,
  providers = allProviders,
): Plan {
  const world = { view: inSession(given), providers }
  const title = `cohort ${name} removed`
  const known = cohortNames(world, target.namespace)
  const missing = {
    kind: 'no-such-cohort',
    cohort: name,
    namespace: target.namespace,
    others: known,
  } as const
  if (target.service === undefined && !known.includes(name))
    return { title, changes: [], steps: [], objects: [], notes: [missing] }
  const found = findCohort(world, target, name)
  const { provider, service } = found
  const reading = readFound(world, found, target)
  const { stable, cohorts } = reading.canary
  if (!cohorts.some(cohort => cohort.name === name)) {
    const notes = [{ ...missing, service: service.name }]
    return finish(provider, reading, { title, changes: [], notes })
  }
  const edit = provider.edit(
    reading,
    {
      ...(stable[0] !== undefined && { stable: stable[0] }),
      cohorts: cohorts.filter(cohort => cohort.name !== name),
    },
    purposeOf({ target }, { needs: 'cohorts', reading }),
  )
  return finish(provider, reading, { ...edit, title })
}

/**
 * The service of a cohort that is meant. What is recorded of a service that is gone counts, too: it can be removed.
 * Throws a CanaryError that lists the candidates.
 */
export function findCohort(world: World, target: Target, name?: string): FoundService {
  try {
    return findService(world, target, { ...(name !== undefined && { cohort: name }), routed: true })
  } catch (error) {
    if (!(error instanceof CanaryError) || error.code !== 'not-found' || target.service === undefined)
      throw error
    const said = bareService(target.service)
    const found = world.providers.flatMap(provider =>
      provider
        .cohorts(world.view, '*')
        .filter(({ service }) => service === said || service === `${said}.${target.namespace}`)
        .map(({ routed }) => ({ provider, service: routed })),
    )
    if (found[0] === undefined) throw error
    return found[0]
  }
}

/** The cohorts that are recorded for services of a namespace, in order of their names. */
const cohortNames = ({ view, providers }: World, namespace: string): readonly string[] => [
  ...new Set(
    providers.flatMap(provider => provider.cohorts(view, namespace).map(({ name }) => name)).toSorted(),
  ),
]
