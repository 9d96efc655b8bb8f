import { CanaryError } from '../../../shared/objects/canary-error.ts'
import { recordIn, type RolloutRecord } from '../../../shared/rollout/rollout-record.ts'
import { changedOfRun } from '../../../shared/rollout/held-routes.ts'
import { isOver } from '../../../shared/rollout/rollout-state.ts'
import { stageTraffic } from '../../../shared/rollout/stage-traffic.ts'
import { isSameApi } from '../../../shared/rollout/traffic-print.ts'
import type { ServiceReading } from '../../../shared/routing/provider.ts'
import type { KeptRun } from '../../../shared/view/runs/run-store.ts'
import type { ServiceRun } from '../../print/services/service-status.ts'
import type { ShownServices } from '../../read/read-shown-services.ts'
import type { Session } from '../../session.ts'
import { foundEarly, type EarlyRecords } from './early-records.ts'

/** A run that ended longer ago says nothing about the service as it is. */
const shownFor = 86_400_000
/** A process renews its hold every few seconds; clocks may differ by some. */
const goneAfter = 60_000

/** The runs of services, in progress or over since a day, each with the routes that it changes; none where they may not be read. */
export async function runsOfServices(
  session: Session,
  { services, narrow }: Pick<ShownServices, 'services' | 'narrow'>,
  early: EarlyRecords | undefined,
): Promise<ReadonlyMap<ServiceReading, ServiceRun>> {
  const { runs } = await session.store()
  if (runs === undefined || services.length === 0) return new Map()
  const namespaces = new Set(services.map(({ traffic }) => traffic.namespace))
  const namespace = namespaces.size === 1 ? [...namespaces][0]! : '*'
  const found = (await foundEarly(early?.runs, { early, namespace })) ?? (await runs.list(namespace))
  const now = session.streams.now()
  const readings = Map.groupBy(services, nameOf)
  return new Map(
    found.runs.flatMap(run => {
      const record = recordOrNote(session, run)
      const isOld =
        record?.state.ended !== undefined && now.getTime() - Date.parse(record.state.ended) > shownFor
      if (record === undefined || isOld) return []
      const shown = serviceRunOf(record, run, now)
      const named = readings.get(`${run.namespace}/${run.service}`) ?? []
      const own = named.filter(({ traffic }) => isSameApi(record.state.print ?? '[]', traffic))
      // Who chose another routing API than the run looks at other routes.
      const isOfRun = own.length > 0 || record.provider === session.flags.provider
      // Of several APIs that route a service, the run is shown with the one whose routes it changes.
      return (own.length > 0 ? own : named).map(reading => {
        const changed =
          isOfRun && isHeld(shown) ? changedOfRun(record, { traffic: reading.traffic, narrow }) : []
        return [reading, { ...shown, ...(changed.length > 0 && { changed }) }] as const
      })
    }),
  )
}

const nameOf = ({ traffic }: ServiceReading): string => `${traffic.namespace}/${traffic.service}`

/** Whether nothing changes the routes now: the process of a run that goes on may just do so, and looks at them itself. */
const isHeld = ({ paused, status, attended }: ServiceRun): boolean =>
  paused !== undefined || status === 'confirming' || attended === false

/** A Lease that holds something else is worth a note beside what is asked, and not an error. */
function recordOrNote(session: Session, run: KeptRun): RolloutRecord | undefined {
  try {
    return recordIn(run)
  } catch (error) {
    if (!(error instanceof CanaryError)) throw error
    session.noteOnce([[error.message, ...error.hints].join('\n  ')])
    return undefined
  }
}

function serviceRunOf(record: RolloutRecord, { holder, renewed }: KeptRun, now: Date): ServiceRun {
  const { id, version, state, plan, by, started, provider } = record
  const traffic = stageTraffic(record)
  const isAlive =
    holder !== undefined && renewed !== undefined && now.getTime() - Date.parse(renewed) < goneAfter
  return {
    id,
    version,
    status: state.status,
    ...(provider !== undefined && { provider }),
    step: state.stage + 1,
    steps: plan.stages.length,
    ...(traffic !== undefined && { traffic }),
    failures: state.failures,
    threshold: plan.threshold,
    started,
    ...(by !== undefined && { by }),
    ...(state.paused !== undefined && { paused: state.paused }),
    ...(state.held !== undefined && { held: state.held }),
    ...(state.why !== undefined && { why: state.why }),
    ...(state.ended !== undefined && { ended: state.ended }),
    ...(!isOver(state) && { attended: isAlive }),
  }
}
