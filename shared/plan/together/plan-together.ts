import { isEqual } from '../../objects/content/equal.ts'
import { CanaryError } from '../../objects/canary-error.ts'
import { keyOf } from '../../objects/kube-object.ts'
import { refOf } from '../../objects/kinds.ts'
import type { Note } from '../../routing/note.ts'
import type { Provider } from '../../routing/provider.ts'
import { merged, type Change } from '../../view/change.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import { overlay } from '../../view/overlay.ts'
import { trafficsOf, type Plan } from '../plan.ts'

/** The plan for one service, and the routing API that orders its changes. */
export interface PartPlan {
  readonly provider: Provider
  readonly plan: Plan
}

/** What is wanted of one service of several. */
export interface ServicePart {
  /** How errors name it. */
  readonly name: string
  /** The plan on the view as the parts before leave it; throws a CanaryError where there is none. */
  readonly plan: (view: ClusterView) => PartPlan
}

/** A part that cannot be, and why. */
export interface FailedPart {
  readonly name: string
  readonly error: CanaryError
}

/** What several parts are called together. */
export interface Together {
  /** By the names of the services. */
  readonly title: (services: readonly string[]) => string
  /** The error where some of the parts cannot be. */
  readonly refuse: (failed: readonly FailedPart[]) => CanaryError
}

/**
 * The plans of several services as one, each made on what those before it leave. All or nothing: throws what
 * `refuse` makes of the parts that cannot be.
 */
export function planTogether(
  given: ClusterView,
  parts: readonly ServicePart[],
  { title, refuse }: Together,
): Plan {
  const made: PartPlan[] = []
  const failed: FailedPart[] = []
  for (const { name, plan } of parts) {
    try {
      const changes = merged(made.flatMap(part => part.plan.changes))
      made.push(plan(changes.length === 0 ? given : overlay(given, changes)))
    } catch (error) {
      if (!(error instanceof CanaryError)) throw error
      failed.push({ name, error })
    }
  }
  if (failed.length > 0) throw refuse(failed)
  const services = made.flatMap(({ plan }) => trafficsOf(plan).map(({ after }) => after.service))
  return { ...combined(made), title: title(services) }
}

function combined(parts: readonly PartPlan[]): Omit<Plan, 'title'> {
  const plans = parts.map(({ plan }) => plan)
  const changes = realOf(plans.flatMap(plan => plan.changes))
  const steps = [...Map.groupBy(parts, ({ provider }) => provider)].flatMap(([provider, own]) =>
    provider.arrange(realOf(own.flatMap(({ plan }) => plan.changes))),
  )
  // An object of several parts is as the last one leaves it.
  const objects = new Map(plans.flatMap(plan => plan.objects).map(object => [keyOf(refOf(object)), object]))
  return { ...together(plans), changes, steps, objects: [...objects.values()] }
}

const realOf = (changes: readonly Change[]): readonly Change[] =>
  merged(changes).filter(({ before, after }) => !isEqual(before, after))

/** Several plans of one service, each made on what the one before leaves, as one. */
export function inSequence(provider: Provider, plans: readonly Plan[]): Omit<Plan, 'title'> {
  const { others: _, traffic: first, ...rest } = combined(plans.map(plan => ({ provider, plan })))
  const last = plans.at(-1)?.traffic
  return first === undefined || last === undefined
    ? rest
    : {
        ...rest,
        traffic: {
          get before() {
            return first.before
          },
          after: last.after,
        },
      }
}

/** The plans of several services that have the same changes, as one. */
export function sameChanges(plans: readonly Plan[]): Plan {
  const [first] = plans
  if (first === undefined) throw new TypeError('there is no plan')
  return { ...first, ...together(plans) }
}

/** Who gets what by all of them, their notes, each once, and whose pods they wait for. */
function together(
  plans: readonly Plan[],
): Pick<Plan, 'traffic' | 'others' | 'notes' | 'lacking' | 'confirms'> {
  const [traffic, ...others] = plans.flatMap(trafficsOf)
  const asks = plans.flatMap(({ lacking }) => lacking ?? [])
  const confirms = plans.map(plan => plan.confirms).find(found => found !== undefined)
  return {
    ...(traffic !== undefined && { traffic }),
    ...(others.length > 0 && { others }),
    notes: distinct(plans.flatMap(({ notes }) => notes)),
    ...(confirms !== undefined && { confirms }),
    ...(asks.length > 0 && { lacking: (later: ClusterView) => asks.flatMap(lacking => lacking(later)) }),
  }
}

const distinct = (notes: readonly Note[]): readonly Note[] => [
  ...new Map(notes.map(note => [JSON.stringify(note), note])).values(),
]
