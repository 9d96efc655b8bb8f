import type { Target } from '../../shared/plan/intent.ts'
import { withOwnerCommand } from '../../shared/plan/finish/owner-commands.ts'
import type { OwnedVerb } from '../../shared/routing/controller.ts'
import type { Plan } from '../../shared/plan/plan.ts'
import { withHandSetTakenBack } from '../../shared/plan/controllers/hand-set.ts'
import { planOrder, type OrderIntent } from '../../shared/plan/controllers/plan-order.ts'
import { planAbort } from '../../shared/plan/plan-abort.ts'
import { planCohort } from '../../shared/plan/plan-cohort.ts'
import { planInit } from '../../shared/plan/plan-init.ts'
import { planMirror } from '../../shared/plan/mirror/plan-mirror.ts'
import { planPromote } from '../../shared/plan/plan-promote.ts'
import { planRemoveCohort } from '../../shared/plan/plan-remove-cohort.ts'
import { planCleanup } from '../../shared/plan/plan-cleanup.ts'
import { planUndo } from '../../shared/plan/plan-undo.ts'
import { planCohorts } from '../../shared/plan/together/plan-cohorts.ts'
import { planExpired } from '../../shared/plan/together/plan-expired.ts'
import { planRemoveCohorts } from '../../shared/plan/together/plan-remove-cohorts.ts'
import { planWeight } from '../../shared/plan/plan-weight.ts'
import { CanaryError } from '../../shared/objects/canary-error.ts'
import { providers as allProviders } from '../../shared/providers/providers.ts'
import type { Provider } from '../../shared/routing/provider.ts'
import type { ClusterView } from '../../shared/view/cluster-view.ts'
import type { Sources } from '../../shared/view/sources.ts'
import type { IntentOf, ReadyIntent } from './intent.ts'

/** What a plan is made from. */
interface Planning {
  readonly view: ClusterView
  readonly target: Target
  readonly sources?: Sources | undefined
}

/**
 * The plan for an intent on what was read; throws a CanaryError where there is none, with the owner's own command
 * where a controller drives the service.
 */
export function planIntent(reading: Planning, intent: ReadyIntent, providers?: readonly Provider[]): Plan {
  try {
    return planOf(reading, intent, providers)
  } catch (error) {
    // The refusal of an order names what to do already.
    if (intent.kind === 'order') throw error
    throw withOwnerCommand(withChosenApi(error, reading, { intent, providers }), {
      ...reading,
      verb: ownedVerbs[intent.kind],
    })
  }
}

interface Planned {
  readonly intent: ReadyIntent
  readonly providers?: readonly Provider[] | undefined
}

/**
 * The same error, with the routing API that would carry the edit out where a person chose it. On a cluster with a mesh a
 * first route is what is missing, so that this is said of files alone, which do not tell where they go.
 */
function withChosenApi(
  error: unknown,
  reading: Planning,
  { intent, providers = allProviders }: Planned,
): unknown {
  const { live, command } = reading.target
  if (!(error instanceof CanaryError) || error.code !== 'not-found' || live === true) return error
  for (const { whenChosen, ...provider } of providers) {
    if (whenChosen === undefined) continue
    try {
      planOf(reading, intent, [{ ...provider, ...whenChosen }])
    } catch {
      continue
    }
    const hint = `Without a mesh, by the number of pods: kubectl canary ${command} --provider ${provider.name}`
    return new CanaryError(error.code, error.message, { hints: [...error.hints, hint], cause: error })
  }
  return error
}

/** The verb that each edit is to a controller that owns the service. */
export const ownedVerbs: Readonly<Record<Exclude<ReadyIntent['kind'], 'order'>, OwnedVerb>> = {
  init: 'init',
  'set-cohort': 'cohort',
  'remove-cohort': 'cohort',
  'remove-expired': 'cohort',
  'set-weights': 'weight',
  'set-mirrors': 'mirror',
  promote: 'promote',
  abort: 'abort',
  cleanup: 'cleanup',
  undo: 'undo',
}

function planOf(
  { view, target, sources }: Planning,
  intent: ReadyIntent,
  providers?: readonly Provider[],
): Plan {
  switch (intent.kind) {
    case 'init':
      return planInit(view, { ...intent, target }, providers)
    case 'set-cohort':
    case 'remove-cohort':
      return cohortPlan({ view, target }, intent, providers)
    case 'remove-expired':
      return planExpired(view, { ...intent, target }, providers)
    case 'set-weights':
      return planWeight(view, { ...intent, target }, providers)
    case 'set-mirrors':
      return planMirror(view, { ...intent, target }, providers)
    case 'promote':
      return planPromote(view, { ...intent, target }, providers)
    case 'abort':
      return planAbort(view, { ...intent, target }, providers)
    case 'cleanup':
      return planCleanup(view, { ...intent, target }, providers)
    case 'order':
      return orderPlan(view, { ...intent, target, sources }, providers)
    case 'undo':
      return planUndo(view, { ...intent, target: { ...target, service: intent.service } }, providers)
  }
}

/** The plan for an order to a controller. */
const orderPlan = (view: ClusterView, intent: OrderIntent, providers?: readonly Provider[]): Plan =>
  withHandSetTakenBack(view, intent, { plan: planOrder(view, intent), providers })

/** The plan for a cohort of one service, or of several as one change. */
function cohortPlan(
  { view, target }: { readonly view: ClusterView; readonly target: Target },
  intent: IntentOf<'set-cohort' | 'remove-cohort'>,
  providers?: readonly Provider[],
): Plan {
  const { services } = intent
  if (intent.kind === 'set-cohort')
    return services === undefined
      ? planCohort(view, { ...intent, target }, providers)
      : planCohorts(view, { ...intent, services, target }, providers)
  return services === undefined
    ? planRemoveCohort(view, { ...intent, target }, providers)
    : planRemoveCohorts(view, { ...intent, services, target }, providers)
}
