import type { ControllerState } from '../../../shared/routing/controller.ts'
import type { ServiceReading } from '../../../shared/routing/provider.ts'
import type { ChangeSummary, HistoryScope } from '../../../shared/view/history.ts'
import { isInProgress, rolloutsOf } from '../../../shared/workloads/deployment-rollouts.ts'
import type { Traffic } from '../../../shared/routing/traffic.ts'
import { fileWordsOf } from '../../flags/argv.ts'
import { typedAgain } from '../../flags/typed-again.ts'
import type { Note } from '../../../shared/routing/note.ts'
import { formatNotes, saysUncovered } from '../../print/notes.ts'
import type {
  AppliedObject,
  LastChange,
  ServiceRun,
  ServiceStatus,
} from '../../print/services/service-status.ts'
import type { Session } from '../../session.ts'
import type { ShownServices } from '../../read/read-shown-services.ts'
import { foundEarly, isAbout, type EarlyRecords } from './early-records.ts'
import { hasToolMark, routingObjects } from './routing-objects.ts'
import { runsOfServices } from './service-runs.ts'

/**
 * The services that were read, each with its notes as sentences, what the rules find about it, and its last
 * recorded change.
 */
export async function statusesOf(
  session: Session,
  {
    services,
    sources,
    live,
    narrow,
    early: asked,
  }: Pick<ShownServices, 'services' | 'sources' | 'live' | 'narrow'> & {
    readonly early?: EarlyRecords | undefined
  },
): Promise<readonly ServiceStatus[]> {
  const early = asked !== undefined && isAbout(asked, services) ? asked : undefined
  const [{ judgedService, statusJudge }, last, appliers, runs, controllers] = await Promise.all([
    import('./service-findings.ts'),
    lastChanges(session, services, early),
    appliersOf(session, services),
    live ? runsOfServices(session, { services, narrow }, early) : new Map<ServiceReading, ServiceRun>(),
    controllersOf(session, services),
  ])
  const judge = await statusJudge(services, { live, now: session.streams.now() })
  const sentences = (all: readonly Note[]): readonly string[] =>
    formatNotes(all, fileWordsOf(session.flags)).map(text => typedAgain(text, session.flags))
  return services.map(reading => {
    const name = `${reading.traffic.namespace}/${reading.traffic.service}`
    const changed = last.get(name)
    const run = runs.get(reading)
    const controller = controllers.get(name)
    const applied = appliers(reading)
    const { notes } = reading.traffic
    const uncovered = notes.filter(saysUncovered)
    return {
      ...(live ? reading.traffic : withoutReadiness(reading.traffic)),
      notes: sentences(notes),
      ...(uncovered.length > 0 && { uncovered: sentences(uncovered) }),
      ...judgedService(reading, { ...judge, sources }),
      ...(applied.length > 0 && { appliedBy: applied }),
      ...(changed === undefined ? {} : { changed }),
      ...(run !== undefined && { run }),
      ...(controller !== undefined && { controller }),
      ...rolloutsShown(reading, live),
    }
  })
}

/** The rollouts of Deployments in progress, where the Service's pods are all that divides its requests. */
function rolloutsShown(
  { view, service, traffic }: ServiceReading,
  live: boolean,
): Pick<ServiceStatus, 'rollouts'> {
  const isOfPods = traffic.entryPoints.every(({ ref }) => ref.kind === 'Service')
  const isPlain = traffic.entryPoints.length > 0 || view.absent?.has('VirtualService') === true
  const rollouts = live && isOfPods && isPlain ? rolloutsOf(view, service).filter(isInProgress) : []
  return rollouts.length === 0 ? {} : { rollouts }
}

/** The tools that apply the routing objects; nothing is loaded or asked where none has a mark of theirs. */
async function appliersOf(
  session: Session,
  services: readonly ServiceReading[],
): Promise<(reading: ServiceReading) => readonly AppliedObject[]> {
  if (!services.some(reading => routingObjects(reading).some(hasToolMark))) return () => []
  const { readAppliers } = await import('./appliers.ts')
  return readAppliers(session, services)
}

/** The controllers that own rollouts; nothing is loaded or asked where nobody has any. */
async function controllersOf(
  session: Session,
  services: readonly ServiceReading[],
): Promise<ReadonlyMap<string, ControllerState>> {
  if (!services.some(({ view }) => view.list('Rollout').length + view.list('Canary').length > 0))
    return new Map()
  const { controllersOfServices } = await import('./controlled-services.ts')
  return controllersOfServices(session, services)
}

/** Files say how many pods are wanted, and not how many are ready. */
const withoutReadiness = (traffic: Traffic): Traffic => ({
  ...traffic,
  versions: traffic.versions.map(({ ready: _, ...version }) => ({
    ...version,
    ...(version.workloads && { workloads: version.workloads.map(({ ready: __, ...one }) => one) }),
  })),
})

/** The last change of each service by `NAMESPACE/NAME`; none where the history may not be read. */
async function lastChanges(
  session: Session,
  services: readonly ServiceReading[],
  early: EarlyRecords | undefined,
): Promise<ReadonlyMap<string, LastChange>> {
  const { history } = await session.store()
  if (history === undefined || services.length === 0) return new Map()
  const scope = scopeOf(services)
  const found = await foundEarly(early?.changes, { early, namespace: scope.namespace })
  const { changes } = found ?? (await history.list(scope))
  return new Map(changes.map(change => [`${change.namespace}/${change.service}`, lastChangeOf(change)]))
}

/** The narrowest scope that holds all of them, so that one request is enough. */
function scopeOf(services: readonly ServiceReading[]): HistoryScope {
  const [first, ...others] = services.map(({ traffic }) => traffic)
  const { namespace, service } = first!
  if (others.length === 0) return { namespace, service }
  return { namespace: others.every(other => other.namespace === namespace) ? namespace : '*' }
}

const lastChangeOf = ({ revision, title, at, by, reason, heartbeat }: ChangeSummary): LastChange => ({
  revision,
  title,
  at,
  ...(by === undefined ? {} : { by }),
  ...(reason === undefined ? {} : { reason }),
  finished: heartbeat === undefined,
})
