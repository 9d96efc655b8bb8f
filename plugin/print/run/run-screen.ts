import type { MetricCheck } from '../../../shared/analysis/check-result.ts'
import { escaped } from '../../../shared/objects/text/escaped.ts'
import type { AnalysisMetric } from '../../../shared/analysis/metric.ts'
import type { RolloutRecord } from '../../../shared/rollout/rollout-record.ts'
import {
  checkedAt,
  endOf,
  isOver,
  presentOf,
  type StageProgress,
} from '../../../shared/rollout/rollout-state.ts'
import type { Paint } from '../colour.ts'
import { formatAge } from '../services/span.ts'
import { formatSparkline } from '../services/sparkline.ts'
import { inAscii, wrap, type Canvas } from '../status/fit.ts'
import { shareBar } from '../status/share-bar.ts'
import { formatTable, indent } from '../table.ts'
import { presentShare } from './run-lines.ts'
import { formatRange, formatReason, formatStage, formatValue, formatVerdict } from './check-words.ts'

/** How a run is drawn. */
export interface RunScreenStyle extends Canvas {
  readonly paint: Paint
  readonly now: Date
}

/** A run on a screen: its steps with the shares as bars, its metrics with their course, and when it is checked next. */
export function formatRunScreen(record: RolloutRecord, style: RunScreenStyle): string {
  const { bold } = style.paint
  const { service, namespace, version, stable, id, by, started, state, plan } = record
  const who = by === undefined ? '' : ` by ${escaped(by)}`
  const lines = [
    wrap(
      `${bold(service)} in namespace ${namespace}: ${bold(version)} beside ${stable}, run ${id}${who}, begun ${formatAge(started, style.now)} ago`,
      style,
    ),
    '',
    indent(formatSteps(record, style), '  '),
    ...(plan.metrics.length === 0 ? [] : ['', indent(formatMetrics(record, style), '  ')]),
    '',
    wrap(nowLine(record, style), style),
    `failed checks: ${state.failures} of ${plan.threshold}`,
  ]
  return style.ascii === true ? inAscii(lines.join('\n')) : lines.join('\n')
}

function formatSteps(record: RolloutRecord, style: RunScreenStyle): string {
  const { plan, state, version } = record
  return formatTable(
    ['STEP', `${version} GETS`, '', 'CHECKS'],
    plan.stages.map((stage, i) => {
      const mark = i === state.stage && !isOver(state) ? style.paint.bold(`${i + 1}`) : `${i + 1}`
      const bar = shareBar(stage.percent, { ...style, copies: stage.kind === 'mirror' })
      return [
        mark,
        i === state.stage ? presentShare(record) : formatStage(stage, plan.cohort?.name),
        bar,
        formatProgress(state.progress[i], plan.checks),
      ]
    }),
  )
}

function formatProgress(progress: StageProgress | undefined, checks: number): string {
  if (progress === undefined) return ''
  if (progress.since === undefined) return 'not begun'
  const { passed, failed, noData } = progress
  const parts = [
    `${passed} of ${checks} passed`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(noData > 0 ? [`${noData} without data`] : []),
  ]
  return parts.join(', ')
}

/** The checks that are kept, of all steps: their last value, its limits, how it went, and what was said of it. */
function formatMetrics(record: RolloutRecord, style: RunScreenStyle): string {
  const results = record.state.progress.flatMap(({ checks }) => checks.flatMap(check => check.results))
  return formatTable(
    ['METRIC', 'VALUE', 'LIMIT', record.stable.toUpperCase(), 'TREND', 'VERDICT'],
    record.plan.metrics.map(metric =>
      metricRow(
        metric,
        results.filter(result => result.metric === metric.name),
        { record, style },
      ),
    ),
  )
}

/** The number of values that fit beside the rest. */
const mostValues = 20

function metricRow(
  metric: AnalysisMetric,
  results: readonly MetricCheck[],
  { record, style }: { readonly record: RolloutRecord; readonly style: RunScreenStyle },
): readonly string[] {
  const last = results.at(-1)
  const shown = (value: number | undefined): string =>
    value === undefined ? '-' : formatValue(value, metric)
  const course = formatSparkline(results.slice(-mostValues).map(({ value }) => value ?? null))
  return [
    metric.name,
    shown(last?.value),
    formatRange(metric, metric) || '-',
    shown(last?.baseline),
    style.ascii === true ? '' : course,
    last === undefined ? '' : verdictOf(last, record, style.paint),
  ]
}

function verdictOf(result: MetricCheck, record: RolloutRecord, { green, red, yellow }: Paint): string {
  const colour = { pass: green, fail: red, 'no-data': yellow }[result.verdict]
  const reason = formatReason(result, record)
  return `${colour(formatVerdict(result.verdict))}${reason === '' ? '' : `, ${reason}`}`
}

/** What the run does now. */
function nowLine(record: RolloutRecord, { now, paint }: RunScreenStyle): string {
  const { state, plan, version, stable } = record
  if (isOver(state)) {
    const sentence = escaped(`${version} ${endOf(state)}`)
    return state.status === 'promoted' ? paint.green(sentence) : paint.red(sentence)
  }
  if (state.status === 'rolling-back') return `everything goes back to ${stable}: ${escaped(state.why ?? '')}`
  if (state.status === 'promoting') return `${version} is promoted`
  if (state.paused !== undefined) return paint.yellow('paused')
  const held = state.held === undefined ? '' : `, waiting: ${escaped(state.held)}`
  const present = presentOf(state)
  const at = checkedAt(present)
  if (at === undefined) return `the routes of step ${state.stage + 1} are written${held}`
  const seconds = Math.max(0, Math.ceil((Date.parse(at) + plan.interval * 1000 - now.getTime()) / 1000))
  if (present.since === undefined) return notEntered(record, paint)
  return `${seconds === 0 ? 'checking' : `next check in ${seconds} s`}${held}`
}

/** A step that was refused is tried again after an interval. */
const notEntered = ({ state, plan }: RolloutRecord, paint: Paint): string =>
  paint.red(
    `step ${state.stage + 1} cannot be entered: ${escaped(presentOf(state).checks.at(-1)?.refused ?? '')}; it is tried again every ${plan.interval} s`,
  )
