import { CanaryError } from '../objects/canary-error.ts'
import { serviceWord } from '../objects/text/kubectl-commands.ts'
import { providers as allProviders } from '../providers/providers.ts'
import { compareNaturally } from '../objects/text/natural-order.ts'
import type { Note } from '../routing/note.ts'
import type { EditableRoute, EditableRoutes, Provider, ServiceReading } from '../routing/provider.ts'
import { idOf, wantedOf, type ServiceVersion } from '../routing/service.ts'
import type { RouteChoice, WantedCohort } from '../routing/wanted.ts'
import type { ClusterView } from '../view/cluster-view.ts'
import { inSession } from '../view/session.ts'
import {
  apartFrom,
  canBe,
  editOrOffer,
  leftOutNotes,
  requireOneCanary,
  type RouteQuestion,
} from './find/choose-routes.ts'
import { findService, readFound, servicesIn, type FoundService, type World } from './find/find-service.ts'
import { findStable } from './find/find-stable.ts'
import { firstLines, listed } from './find/first-ten.ts'
import { versionsNamed } from './find/find-version.ts'
import { endNotes } from './finish/end-notes.ts'
import { finish } from './finish/finish.ts'
import { planPromote } from './plan-promote.ts'
import { commandFor, purposeOf, type AbortIntent, type Target } from './intent.ts'
import type { Plan } from './plan.ts'
import { refuseOwnedService } from './controllers/refuse-owned-service.ts'

/**
 * Everything goes back to stable; the cohorts and mirrors that lead to the canary go, others stay and are named.
 * Never held up by readiness: stable is where people were before. Where no canary is under way, nothing changes.
 */
export function planAbort(given: ClusterView, intent: AbortIntent, providers = allProviders): Plan {
  const { target, stable: said } = intent
  const world = { view: inSession(given), providers }
  const inferred = target.service === undefined ? serviceInCanary(world, target) : undefined
  const found = inferred ?? findService(world, target, { routed: true })
  const { provider, service } = found
  refuseOwnedService(world.view, found, 'abort')
  const reading = readFound(world, found, target)
  const routes = provider.editable(reading, purposeOf(intent, { needs: 'weights', reading }))
  if (isUndivided(intent, reading, routes))
    return finish(provider, reading, {
      title: 'nothing to abort',
      changes: [],
      notes: [{ kind: 'nothing-to-abort', service: service.name }, ...leftOutNotes(routes)],
    })
  const withChoice = (choice: RouteChoice) => planAbort(given, { ...intent, choice }, providers)
  const question = { ...intent, service: service.name, routes, withChoice }
  if (routes.stable.length === 0) requireOneCanary(question)
  const stable = findStable({ reading, routes, said, canaries: [], target })
  const plan = aborted({ provider, reading, question, stable })
  if (plan.changes.length > 0) return plan
  const back = (version: string): Plan =>
    planPromote(given, { target: { ...target, service: idOf(service) }, version, force: false }, providers)
  return { ...plan, notes: [nothingToAbort(reading, { stable: stable.name, back }), ...plan.notes] }
}

interface Aborting {
  readonly provider: Provider
  readonly reading: ServiceReading
  readonly question: RouteQuestion
  readonly stable: ServiceVersion
}

function aborted({ provider, reading, question, stable }: Aborting): Plan {
  const { versions, canary } = reading
  const { routes } = question
  const isOfStable = ({ to }: WantedCohort): boolean => versionsNamed(versions, to).includes(stable)
  const staying = canary.cohorts.filter(isOfStable)
  const unmirrored = canariesOf({ reading, routes, stable: stable.name })
  const split = { shares: [{ version: stable.name, percent: 100 }] }
  const edit = editOrOffer(question, () =>
    provider.edit(
      reading,
      { split, cohorts: staying, unmirrored },
      purposeOf(question, { needs: 'weights', reading }),
    ),
  )
  return finish(provider, reading, {
    ...edit,
    title: `abort: everything back to ${stable.name}`,
    load: { target: question.target, shares: [{ version: stable, percent: 100 }], stable: [] },
    notes: [
      ...leftOutNotes(routes),
      ...endNotes({ canary, after: staying, routes, unmirrored }),
      ...edit.notes,
    ],
    notesOfChange: movedNotes(routes, stable.name),
  })
}

/** The routes that single out some senders for another version: an abort moves them with all others. */
const movedNotes = ({ routes }: EditableRoutes, stable: string): readonly Note[] =>
  routes.flatMap(route => {
    const { singlesOut, versions, object, place, takes } = route
    const from = versions.filter(version => version !== stable)
    return singlesOut && from.length > 0 && !isOfCanary(route, routes)
      ? [{ kind: 'route-moved', object, place, takes, from, to: stable } as const]
      : []
  })

/** Whether the canary has divided a route with the others: where no record tells, it leads to the versions of one for everybody. */
const isOfCanary = (route: EditableRoute, routes: readonly EditableRoute[]): boolean =>
  route.isOnCanary
  ?? routes.some(
    ({ singlesOut, versions }) =>
      !singlesOut
      && versions.length === route.versions.length
      && versions.every(version => route.versions.includes(version)),
  )

/** Whether routes that nobody marked as a canary lead to any version, or each on purpose to one of its own. */
const isUndivided = (
  { stable, choice }: AbortIntent,
  { canary }: ServiceReading,
  routes: EditableRoutes,
): boolean =>
  stable === undefined
  && choice === undefined
  && routes.stable.length + canary.cohorts.length + (canary.previews?.length ?? 0) === 0
  && ((routes.takesAny && routes.taking.length === 0)
    || (apartFrom(routes.routes).length > 0 && routes.routes.every(({ versions }) => versions.length <= 1)))

/**
 * The versions that take a part of what is not stable's: by a share or a cohort; where none does, those that
 * are mirrored to.
 */
function canariesOf({
  reading: { versions, canary },
  routes,
  stable,
}: {
  readonly reading: ServiceReading
  readonly routes: EditableRoutes
  readonly stable: string
}): readonly string[] {
  const others = (names: readonly string[]): readonly string[] => [
    ...new Set(names.filter(name => name !== stable && versions.some(version => version.name === name))),
  ]
  const taking = others([
    ...routes.routes.flatMap(route => route.versions),
    ...[...canary.cohorts, ...(canary.previews ?? [])].flatMap(({ to }) =>
      versionsNamed(versions, to).map(({ name }) => name),
    ),
  ])
  return taking.length > 0 ? taking : others(routes.mirrors.map(({ to }) => to))
}

/** What is stable, and the command that gives everything to another version, if one would be carried out. */
function nothingToAbort(
  { service, versions }: ServiceReading,
  { stable, back }: { readonly stable: string; readonly back: (version: string) => Plan },
): Note {
  const note = { kind: 'nothing-to-abort', service: service.name, stable } as const
  const earlier = versions
    .filter(
      ({ name, workloads }) => name !== stable && (workloads.length === 0 || wantedOf({ workloads }) > 0),
    )
    .map(({ name }) => name)
    .filter(name => !isLater(name, stable))
    .toSorted((a, b) => nearness(b, stable) - nearness(a, stable) || compareNaturally(b, a))
    .find(name => canBe(() => back(name)))
  if (earlier === undefined) return note
  return {
    ...note,
    back: `kubectl canary promote ${serviceWord(service.name)} ${earlier} -n ${service.namespace}`,
  }
}

/** Whether a version came after another, as their numbers say: to send everything there would be no way back. */
const isLater = (version: string, stable: string): boolean =>
  /\d/.test(version) && /\d/.test(stable) && compareNaturally(version, stable) > 0

/** Versions before stable come first. */
const nearness = (version: string, stable: string): number => Number(compareNaturally(version, stable) < 0)

/** The one service of the namespace for which a canary is recorded. */
function serviceInCanary(world: World, target: Target): FoundService | undefined {
  const { namespace } = target
  const services = servicesIn(world, namespace).filter(found => {
    const { stable, cohorts, previews = [] } = readFound(world, found, target).canary
    const isOn = stable.length + cohorts.length + previews.length > 0
    return isOn && found.provider.isRouted(world.view, found.service)
  })
  if (services.length <= 1) return services[0]
  const names = services.map(({ service }) => service.name)
  throw new CanaryError(
    'ambiguous',
    `${services.length} Services in namespace ${namespace} have a canary: ${listed(names)}`,
    {
      hints: ['Choose one:', ...firstLines(names.map(name => `  ${commandFor(target, name)}`))],
    },
  )
}
