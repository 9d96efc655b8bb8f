import type { PrometheusFlags } from '../../flags/prometheus-flags.ts'
import { paintOf } from '../../print/colour.ts'
import { formatData, type DataFormat } from '../../print/data.ts'
import { formatList, listedOf, type ListStyle } from '../../print/services/list.ts'
import type { ServiceStatus, TrafficStyle } from '../../print/services/service-status.ts'
import type { PictureFormat } from '../../print/picture/format-picture.ts'
import { formatTraffic } from '../../print/services/traffic.ts'
import type { Session } from '../../session.ts'
import { columnsOf, wantsAscii, wantsColour } from '../../streams.ts'
import { shownServices } from '../shown-services.ts'
import type { Look } from '../watch/look.ts'
import { show } from '../watch/watch.ts'
import { beginRecords, type EarlyRecords } from './early-records.ts'
import { beginFigures, withFigures, type FiguresReader } from './figures.ts'
import type { statusFormats } from './formats.ts'
import { withinOfRuns } from './run-looks.ts'
import { statusesOf } from './statuses.ts'

const isPicture = (format: unknown): format is PictureFormat =>
  format === 'dot' || format === 'mermaid' || format === 'svg'

/** More services than these would scroll away: each gets one line, as few candidates as an error lists. */
const mostInFull = 10

/** The least milliseconds between two reads of live figures with `-w`. */
const soonest = 1000

type StatusFormat = (typeof statusFormats)[number] | DataFormat | undefined

/** What was typed after `status`. */
export interface StatusWords {
  readonly service: string | undefined
  readonly format: StatusFormat
  readonly watch: boolean
  readonly all: boolean
  readonly prometheus: PrometheusFlags
}

/** Shows the services that are asked for, once or with `-w` until it is interrupted. */
export async function showStatus(
  session: Session,
  { service, format, watch, all, prometheus }: StatusWords,
): Promise<void> {
  const isData = format !== undefined && format !== 'wide'
  const isPlain = format === 'name' || isPicture(format)
  const figures = isPlain ? undefined : await beginFigures(session, prometheus)
  await show(session, {
    watch,
    isData,
    ...(figures !== undefined && { atLeastEvery: () => Math.max(soonest, figures.lasting) }),
    read: () => readStatus(session, service, { format, all, figures }),
  })
}

/** Loads what the answers are judged with while they are waited for. */
async function loadMeanwhile({ streams }: Session): Promise<void> {
  try {
    await streams.wait(1)
    await import('./service-findings.ts')
  } catch {
    // Interrupted.
  }
}

interface StatusForm {
  readonly format: StatusFormat
  readonly all: boolean
  readonly figures: FiguresReader | undefined
}

async function readStatus(
  session: Session,
  service: string | undefined,
  { format, all, figures }: StatusForm,
): Promise<Look> {
  let early: EarlyRecords | undefined
  const { allNamespaces } = session.flags
  const isPlain = format === 'name'
  const shown = await shownServices(session, service, {
    meanwhile: store => {
      if (isPlain) return
      early = beginRecords(store, { service, allNamespaces })
      void loadMeanwhile(session)
    },
  })
  const { follow } = shown
  let within = {}
  const lookAt = (text: Look['text']): Look => ({ text, ...(follow && { follow }), ...within })
  if (format === 'name')
    return lookAt(() => shown.services.map(reading => `service/${reading.service.name}`).join('\n'))
  const statuses = await statusesOf(session, { ...shown, early })
  within = withinOfRuns(statuses)
  if (isPicture(format)) {
    const { formatPicture } = await import('../../print/picture/format-picture.ts')
    return lookAt(() => formatPicture(statuses, { format, where: shown.where }))
  }
  if (format === undefined && !all && statuses.length > mostInFull) {
    session.noteOnce([
      `${statuses.length} services, one line each: name a Service to see all of it, or add --all or -o wide.`,
    ])
    return lookAt(now => formatShort(statuses, { live: shown.live, now }))
  }
  const services = await withFigures(session, statuses, {
    figures,
    readings: shown.services,
    withTrend: format !== undefined,
  })
  if (format !== undefined && format !== 'wide') {
    const data = await formatData({ services }, services, format)
    return lookAt(() => data)
  }
  return lookAt(now => formatFull(session, services, { live: shown.live, now, wide: format === 'wide' }))
}

/** A screen for each service, as wide as the terminal is now. */
function formatFull(
  { streams: { stdout, env } }: Session,
  services: readonly ServiceStatus[],
  style: Pick<TrafficStyle, 'live' | 'now' | 'wide'>,
): string {
  return formatTraffic(services, {
    ...style,
    paint: paintOf(wantsColour(stdout, env)),
    columns: style.wide ? undefined : columnsOf(stdout),
    ascii: wantsAscii(env),
  })
}

/** A line for each of many services. */
const formatShort = (services: readonly ServiceStatus[], style: Pick<ListStyle, 'live' | 'now'>): string =>
  formatList(services.map(listedOf), {
    ...style,
    withNamespace: new Set(services.map(({ namespace }) => namespace)).size > 1,
    wide: false,
  })
