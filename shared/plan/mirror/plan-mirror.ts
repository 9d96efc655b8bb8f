import { CanaryError } from '../../objects/canary-error.ts'
import { serviceWord, shellWord } from '../../objects/text/kubectl-commands.ts'
import { providers as allProviders } from '../../providers/providers.ts'
import type { Note } from '../../routing/note.ts'
import type { EditableRoutes, Provider, ServiceReading } from '../../routing/provider.ts'
import type { ServiceVersion } from '../../routing/service.ts'
import type { RouteChoice, WantedMirror } from '../../routing/wanted.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import { inSession } from '../../view/session.ts'
import { checkMirrors } from './check-mirrors.ts'
import { editOrOffer, leftOutNotes, requireOneCanary } from '../find/choose-routes.ts'
import { findService, readFound } from '../find/find-service.ts'
import { findStable } from '../find/find-stable.ts'
import { findVersion, versionsNamed } from '../find/find-version.ts'
import { requireOneApplication } from '../other-applications.ts'
import { shareOfRequests } from '../finish/capacity.ts'
import { mirrorNotes } from '../finish/end-notes.ts'
import { finish } from '../finish/finish.ts'
import { purposeOf, type MirrorIntent } from '../intent.ts'
import type { Plan } from '../plan.ts'
import { planMirrorOff } from './plan-mirror-off.ts'
import { refuseOwnedService } from '../controllers/refuse-owned-service.ts'

/** A version that is named, and how much of the requests it is to get a copy of. */
interface Named {
  readonly version: ServiceVersion
  readonly percent: number
}

/**
 * Versions get copies of the requests at every http route to the service: those named are the whole set beside what
 * was written by hand. A version with 0 gets none; where no other is named, the rest stays.
 */
export function planMirror(given: ClusterView, intent: MirrorIntent, providers = allProviders): Plan {
  const { target } = intent
  const [first] = intent.mirrors.keys()
  if (first === undefined) return planMirrorOff(given, intent, providers)
  const world = { view: inSession(given), providers }
  checkMirrors(intent.mirrors)
  const found = findService(world, target, { version: first, routed: true })
  const { provider, service } = found
  const reading = readFound(world, found, target)
  requireMirrors(provider, reading, first)
  refuseOwnedService(world.view, found, 'mirror')
  const named = namedIn(reading, intent)
  const mirrors = wantedMirrors(reading, named)
  const canaries = named.map(({ version }) => version)
  const purpose = purposeOf(intent, { needs: 'mirrors', reading, canaries })
  const routes = provider.editable(reading, purpose)
  const withChoice = (choice: RouteChoice) => planMirror(given, { ...intent, choice }, providers)
  const question = { ...intent, service: service.name, routes, withChoice }
  // A canary that is under way was allowed when it began, and a mirror changes no share.
  if (routes.stable.length === 0) requireOneCanary(question)
  requireOneApplication(question, { versions: reading.versions, to: canaries })
  if (mirrors.length === 0) return planMirrorOff(given, { ...intent, asked: titleOf(named) }, providers)
  const stable = findStable({ reading, routes, said: intent.stable, canaries, target })
  refuseStable(named, stable, reading)
  const edit = editOrOffer(question, () =>
    provider.edit(reading, { stable: stable.name, cohorts: reading.canary.cohorts, mirrors }, purpose),
  )
  return finish(provider, reading, {
    ...edit,
    title: titleOf(named),
    load: { target, shares: sharesOf(reading, mirrors), stable: [stable] },
    receivers: { ...intent, versions: canaries.filter(({ name }) => mirrors.some(({ to }) => to === name)) },
    notes: [...leftOutNotes(routes), ...droppedNotes(routes, mirrors), ...edit.notes],
    notesOfChange: effectsOf(mirrors, reading),
  })
}

/**
 * Throws a CanaryError `refused` where a routing API has no mirrors: with a share in place of it, or with all
 * where there are no shares.
 */
function requireMirrors({ can, byPods }: Provider, reading: ServiceReading, said: string): void {
  if (can.mirrors === true) return
  const [version, ...more] = versionsNamed(reading.versions, said)
  const { name, namespace } = reading.service
  const percent = byPods?.(reading) === 'selected' ? 100 : 10
  const command =
    version === undefined || more.length > 0
      ? []
      : [
          `Send the version ${percent === 100 ? 'all' : 'a share of the'} requests instead: kubectl canary weight ${serviceWord(name)} ${shellWord(`${version.name}=${percent}`)} -n ${namespace}`,
        ]
  throw new CanaryError('refused', `requests cannot be mirrored: ${can.mirrors}`, { hints: command })
}

function namedIn(
  reading: ServiceReading,
  { target, mirrors }: Pick<MirrorIntent, 'target' | 'mirrors'>,
): readonly Named[] {
  const named = [...mirrors].map(([said, percent]) => ({
    version: findVersion(reading, said, { target }),
    percent,
  }))
  const twice = named.find(({ version }, i) => named.findIndex(other => other.version === version) !== i)
  if (twice !== undefined)
    throw new CanaryError('usage', `version ${twice.version.name} of ${reading.service.name} is given twice`)
  return named
}

/** The whole set: what is named with a percentage; where nothing is, what was there without those named. */
function wantedMirrors({ canary }: ServiceReading, named: readonly Named[]): readonly WantedMirror[] {
  const given = named.flatMap(({ version, percent }) => (percent > 0 ? [{ to: version.name, percent }] : []))
  if (given.length > 0) return given
  return canary.mirrors.filter(({ to }) => !named.some(({ version }) => version.name === to))
}

const titleOf = (named: readonly Named[]): string =>
  `mirror ${named.map(({ version, percent }) => `${version.name}=${percent}`).join(',')}`

function refuseStable(named: readonly Named[], stable: ServiceVersion, { service }: ServiceReading): void {
  const same = named.find(({ version, percent }) => version === stable && percent > 0)
  if (same === undefined) return
  throw new CanaryError(
    'usage',
    `${stable.name} is the stable version of ${service.name}: it gets the requests themselves, and would get them twice`,
    { hints: ['Mirror to another version.'] },
  )
}

/** The shares that the mirrored versions have now; the copies come on top. */
const sharesOf = (reading: ServiceReading, mirrors: readonly WantedMirror[]) =>
  mirrors.map(({ to }) => ({
    version: findVersion(reading, to),
    percent: shareOfRequests(reading.traffic, to),
  }))

/** Mirrors of ours that are not named any more. */
const droppedNotes = (routes: EditableRoutes, mirrors: readonly WantedMirror[]): readonly Note[] =>
  mirrorNotes({
    mirrors: routes.mirrors.filter(({ isOurs, to }) => isOurs && !mirrors.some(mirror => mirror.to === to)),
    isOver: ({ wasByHand }) => !wasByHand,
  })

/** What is said of the versions that were not mirrored to before. */
function effectsOf(mirrors: readonly WantedMirror[], { canary }: ServiceReading): readonly Note[] {
  const versions = mirrors.map(({ to }) => to).filter(to => !canary.mirrors.some(mirror => mirror.to === to))
  return versions.length === 0 ? [] : [{ kind: 'copies-have-effects', versions }]
}
