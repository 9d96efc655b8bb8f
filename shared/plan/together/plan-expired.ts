import { CanaryError } from '../../objects/canary-error.ts'
import { providers as allProviders } from '../../providers/providers.ts'
import { type RecordedCohort, type Provider } from '../../routing/provider.ts'
import { idOf, type RoutedService } from '../../routing/service.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import { inSession } from '../../view/session.ts'
import { findCohort } from '../plan-remove-cohort.ts'
import { readFound, type World } from '../find/find-service.ts'
import { listed } from '../find/first-ten.ts'
import { finish } from '../finish/finish.ts'
import { purposeOf, type Target } from '../intent.ts'
import type { Plan } from '../plan.ts'
import { codeOf, reasonsOf } from './part-target.ts'
import { planTogether, type FailedPart, type PartPlan } from './plan-together.ts'
import { refuseOwnedService } from '../controllers/refuse-owned-service.ts'

/** All cohorts whose end has passed are to go. */
export interface ExpiredIntent {
  /** Of one service, or of all services of a namespace; with the namespace `*` of all. */
  readonly target: Target
  /** Milliseconds since 1970. */
  readonly now: number
  /** Which of the services, by their objects; all where it is left out. */
  readonly isMeant?: ((view: ClusterView, service: RoutedService) => boolean) | undefined
  /** Continue where a GitOps tool reverts the edit. */
  readonly force?: boolean
}

/** Whether a cohort's end has passed. */
export const isExpired = ({ until }: { readonly until?: string | undefined }, now: number): boolean =>
  until !== undefined && Date.parse(until) < now

/**
 * All cohorts whose end has passed removed as one change. Throws a CanaryError that names each service of which
 * they cannot be removed.
 */
export function planExpired(
  given: ClusterView,
  { target, now, isMeant = () => true }: ExpiredIntent,
  providers: readonly Provider[] = allProviders,
): Plan {
  const world = { view: inSession(given), providers }
  const all = expiredIn(world, target, now).filter(({ routed }) => isMeant(world.view, routed))
  const services = [...Map.groupBy(all, ({ routed }) => idOf(routed)).values()]
  if (services.length === 0)
    return {
      title: 'no cohort is expired',
      changes: [],
      steps: [],
      objects: [],
      notes: [{ kind: 'none-expired', namespace: target.namespace }],
    }
  const names = [...new Set(all.map(({ name, service }) => `${name} of ${service}`))]
  return planTogether(
    world.view,
    services.map(cohorts => ({
      name: cohorts[0]!.service,
      plan: view => withoutExpired({ view, providers }, target, cohorts),
    })),
    {
      title: () => `expired cohorts removed: ${listed(names)}`,
      refuse: failed => refuseExpired(failed, { view: world.view, target }),
    },
  )
}

interface Expired extends RecordedCohort {
  readonly provider: Provider
}

function expiredIn(world: World, target: Target, now: number): readonly Expired[] {
  const { view, providers } = world
  const service = target.service === undefined ? undefined : idOf(findCohort(world, target).service)
  return providers.flatMap(provider =>
    provider
      .cohorts(view, service === undefined ? target.namespace : '*')
      .filter(cohort => isExpired(cohort, now) && (service === undefined || idOf(cohort.routed) === service))
      .map(cohort => ({ ...cohort, provider })),
  )
}

function withoutExpired({ view }: World, target: Target, expired: readonly Expired[]): PartPlan {
  const { provider, routed } = expired[0]!
  refuseOwnedService(view, { provider, service: routed }, 'cohort')
  const reading = readFound({ view, providers: [provider] }, { provider, service: routed }, target)
  const over = new Set(expired.map(({ name }) => name))
  const { stable, cohorts } = reading.canary
  const edit = provider.edit(
    reading,
    {
      ...(stable[0] !== undefined && { stable: stable[0] }),
      cohorts: cohorts.filter(({ name }) => !over.has(name)),
    },
    purposeOf({ target }, { needs: 'cohorts', reading }),
  )
  return { provider, plan: finish(provider, reading, { ...edit, title: 'expired cohorts removed' }) }
}

const refuseExpired = (failed: readonly FailedPart[], where: Parameters<typeof reasonsOf>[1]): CanaryError =>
  new CanaryError(
    codeOf(failed),
    `expired cohorts cannot be removed from ${failed.map(({ name }) => name).join(', ')}, so no Service is changed`,
    { hints: reasonsOf(failed, where) },
  )
