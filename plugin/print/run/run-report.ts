import { formatPercent } from '../../../shared/routing/shares.ts'
import { escaped } from '../../../shared/objects/text/escaped.ts'
import type { RolloutRecord } from '../../../shared/rollout/rollout-record.ts'
import { endOf, type RolloutCheck, type StageProgress } from '../../../shared/rollout/rollout-state.ts'
import type { MetricCheck } from '../../../shared/analysis/check-result.ts'
import {
  formatMeasured,
  formatRange,
  formatReason,
  formatStage,
  formatValue,
  formatVerdict,
} from './check-words.ts'

/** The report of a run in Markdown, as it is put into a pull request. */
export function formatReport(record: RolloutRecord): string {
  const { service, namespace, version, stable, state, plan, started, by, command } = record
  const lines = [
    `# ${cell(service)}: ${cell(version)} ${cell(endOf(state))}`,
    '',
    `- Service: ${code(`${namespace}/${service}`)}, stable version ${code(stable)}`,
    `- Command: ${code(command)}`,
    `- Run ${code(record.id)}${by === undefined ? '' : ` by ${cell(by)}`}, ${seconds(started)}${state.ended === undefined ? '' : ` to ${seconds(state.ended)}`}`,
    `- Failed checks: ${state.failures} of ${plan.threshold} (${plan.failures})`,
    '',
    '## Steps',
    '',
    ...table(
      ['step', `${cell(version)} gets`, 'since', 'passed', 'failed', 'no data'],
      plan.stages.flatMap((stage, i) => {
        const progress = state.progress[i]
        return progress === undefined
          ? []
          : [
              [
                String(i + 1),
                withPods(formatStage(stage, plan.cohort?.name), progress),
                sinceOf(progress),
                ...countsOf(progress),
              ],
            ]
      }),
    ),
    '',
    '## Checks',
    '',
    ...table(
      [
        'step',
        'time',
        'metric',
        'verdict',
        'value',
        'threshold',
        stable,
        `requests ${version} / ${stable}`,
        'notes',
      ],
      state.progress.flatMap((progress, i) => progress.checks.flatMap(check => rowsOf(check, i, record))),
    ),
  ]
  return `${lines.join('\n')}\n`
}

const sinceOf = ({ since }: StageProgress): string => (since === undefined ? '-' : seconds(since))

/** What the version was to get, and what the numbers of pods made of it. */
const withPods = (asked: string, { byPods }: Pick<StageProgress, 'byPods'>): string =>
  byPods === undefined ? asked : `${asked} (by pods ${formatPercent(byPods)})`

const countsOf = ({ passed, failed, noData }: StageProgress): readonly string[] =>
  [passed, failed, noData].map(String)

const seconds = (time: string): string => `${time.slice(0, 19)}Z`

function rowsOf(check: RolloutCheck, stage: number, record: RolloutRecord): readonly (readonly string[])[] {
  const head = [String(stage + 1), seconds(check.at)]
  if (check.refused !== undefined)
    return [[...head, 'routes', formatVerdict(check.verdict), '', '', '', '', check.refused]]
  return check.results.map(result => [...head, ...resultCells(result, record)])
}

function resultCells(result: MetricCheck, record: RolloutRecord): readonly string[] {
  const metric = record.plan.metrics.find(({ name }) => name === result.metric)
  const { value, baseline, requests, comparison } = result
  const counts = requests === undefined ? '' : `${requests.version} / ${requests.stable ?? '-'}`
  const notes = [formatReason(result, record), comparison === undefined ? '' : comparedWords(result, record)]
  return [
    result.metric,
    formatVerdict(result.verdict),
    value === undefined ? '' : formatValue(value, metric),
    formatRange(result, metric),
    baseline === undefined ? '' : formatValue(baseline, metric),
    counts,
    notes.filter(text => text !== '').join('; '),
  ]
}

/** Only what a comparison adds to the other cells. */
const comparedWords = ({ comparison, metric, verdict, reason }: MetricCheck, record: RolloutRecord): string =>
  formatMeasured(
    { metric, verdict, reason, ...(comparison !== undefined && { comparison }) },
    record,
  ).replace(/^\((.*)\)$/, '$1')

const table = (head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] =>
  rows.length === 0
    ? ['None.']
    : [head, head.map(() => '---'), ...rows].map(
        cells => `| ${cells.map(text => (text === '---' ? text : cell(text))).join(' | ')} |`,
      )

/** Text of others in a table: no markup, no end of a cell. */
const cell = (text: string): string => escaped(text).replaceAll(/[\\|<>*_`[\]]/g, String.raw`\$&`)

const code = (text: string): string => `\`${escaped(text).replaceAll('`', "'")}\``
