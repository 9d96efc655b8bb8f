import type { FailedSource } from '../../../shared/metrics/prometheus/prometheus-api.ts'
import type { ServiceReading } from '../../../shared/routing/provider.ts'
import { prometheusServerOf, type PrometheusFlags } from '../../flags/prometheus-flags.ts'
import type { LiveFigures } from '../../metrics/live-figures.ts'
import { formatFiguresFailure } from '../../print/services/figures-failure.ts'
import type { ServiceStatus } from '../../print/services/service-status.ts'
import type { Session } from '../../session.ts'

/** Reads the live figures of services, again and again. */
export type FiguresReader = Pick<LiveFigures, 'read' | 'lasting'>

/**
 * Begins to look for the server of live figures; undefined where none is wanted, or on files none is named. Throws `usage`
 * for flags that do not fit.
 */
export async function beginFigures(
  session: Session,
  flags: PrometheusFlags,
): Promise<FiguresReader | undefined> {
  const { streams } = session
  const { files, kustomization, mesh } = session.flags
  const live = files.length === 0 && kustomization === undefined
  const server = prometheusServerOf(flags, { env: streams.env, live })
  if (server === 'none' || (server === undefined && !live)) return undefined
  const [{ LiveFigures }, store] = await Promise.all([
    import('../../metrics/live-figures.ts'),
    session.store(),
  ])
  const figures = new LiveFigures({
    server,
    ask: store.request === undefined ? undefined : asked => store.request!(asked),
    rootNamespace: mesh.rootNamespace,
    env: streams.env,
    signal: streams.interrupt,
    wait: milliseconds => streams.wait(milliseconds),
  })
  figures.begin()
  return figures
}

/** Nobody asked for what was only tried, or may not be used, or has the labels of Prometheus and is something else. */
const isExpected = ({ known, reason }: FailedSource): boolean =>
  known === 'guessed' || (known === 'found' && (reason === 'forbidden' || reason === 'not-prometheus'))

/** The services with their live figures, where there are any; why not is noted once. */
export async function withFigures(
  session: Session,
  statuses: readonly ServiceStatus[],
  {
    figures: reader,
    readings,
    withTrend,
  }: {
    readonly figures: FiguresReader | undefined
    /** Of the same services. */
    readonly readings: readonly ServiceReading[]
    readonly withTrend: boolean
  },
): Promise<readonly ServiceStatus[]> {
  if (reader === undefined) return statuses
  const { figures, failure } = await reader.read(readings, { withTrend, now: session.streams.now() })
  if (failure !== undefined) {
    if (!isExpected(failure) || session.flags.verbosity > 0) session.noteOnce([formatFiguresFailure(failure)])
  }
  return figures === undefined
    ? statuses
    : statuses.map((status, i) => ({ ...status, ...(figures[i] && { metrics: figures[i] }) }))
}
