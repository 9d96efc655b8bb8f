import type { HookMoment } from '../../../shared/rollout/rollout-plan.ts'
import type { RolloutNews } from '../../../shared/rollout/rollout-news.ts'
import { escaped } from '../../../shared/objects/text/escaped.ts'
import { serviceWord } from '../../../shared/objects/text/kubectl-commands.ts'
import type { RolloutRecord } from '../../../shared/rollout/rollout-record.ts'
import { endOf, presentOf, type RolloutCheck } from '../../../shared/rollout/rollout-state.ts'
import { stageTraffic } from '../../../shared/rollout/stage-traffic.ts'
import { formatPercent } from '../../../shared/routing/shares.ts'
import { routesOfRun } from '../../../shared/rollout/run-words.ts'
import type { Paint } from '../colour.ts'
import { formatMeasured, formatReason, formatStage, formatVerdict } from './check-words.ts'

/** The lines about one piece of news of a run, each with the time before it. */
export function formatRunNews(news: RolloutNews, record: RolloutRecord, style: RunStyle): readonly string[] {
  const time = style.paint.dim(style.at.toISOString().slice(11, 19))
  return linesOf(news, record, style.paint).map(line => `${time} ${line}`)
}

/** How lines are written. */
export interface RunStyle {
  readonly at: Date
  readonly paint: Paint
}

type NewsKind = RolloutNews['kind']
type NewsOf<K extends NewsKind> = Extract<RolloutNews, { readonly kind: K }>

/** The lines of each kind of news. */
const texts: {
  readonly [K in NewsKind]: (news: NewsOf<K>, record: RolloutRecord, paint: Paint) => readonly string[]
} = {
  started: (_, record) => [`${record.service}: ${record.version} in ${formatSteps(record)}, then promotion`],
  resumed: (_, record) => [`${record.service}: continuing with ${record.version} at ${stepOf(record)}`],
  stage: (_, record) => [`${stepOf(record)}: ${record.version} ${presentShare(record)}`],
  check: ({ check }, record, paint) => checkLines(check, record, paint),
  held: ({ why }) => [`waiting: ${escaped(why)}`],
  paused: (_, record) => [
    `paused${byWhom(record)}; to continue: kubectl canary resume ${serviceWord(record.service)} -n ${record.namespace}`,
  ],
  continued: () => ['continuing'],
  confirming: (_, record) => [`all steps passed; to promote it: ${promoteCommand(record)}`],
  trouble: ({ why }) => [`${escaped(why)}; trying again`],
  'rolling-back': (_, { version, state, stable }) => [
    `${version} is rolled back, ${escaped(state.why ?? 'it failed')}: everything goes back to ${stable}`,
  ],
  ended: (_, record, paint) => [endLine(record, paint)],
  note: ({ text }) => text.split('\n'),
}

function linesOf(news: RolloutNews, record: RolloutRecord, paint: Paint): readonly string[] {
  // Each entry takes the news of its own kind, which TypeScript cannot follow.
  const text = texts[news.kind] as (one: RolloutNews, run: RolloutRecord, colours: Paint) => readonly string[]
  return text(news, record, paint)
}

const stepOf = ({ state, plan }: RolloutRecord): string => `step ${state.stage + 1} of ${plan.stages.length}`

/** What a hook tells people of a moment: `catalog: v2 10 %, step 1 of 5`. */
export const formatMoment = (moment: HookMoment, record: RolloutRecord): string =>
  moment === 'start' || moment === 'step'
    ? `${record.service}: ${record.version} ${presentShare(record)}, ${stepOf(record)}`
    : `${record.service}: ${record.version} ${endOf(record.state)}`

/** `kubectl canary promote catalog v2 -n shop`. */
export const promoteCommand = (record: RolloutRecord): string =>
  `kubectl canary promote ${routesOfRun(record, record.version)}`

/** `10 %, 20 %, 30 %`. */
export const formatSteps = ({ plan }: Pick<RolloutRecord, 'plan'>): string =>
  plan.stages.map(stage => formatStage(stage, plan.cohort?.name)).join(', ')

/** What the version gets at the present step: also what the numbers of pods make of it. */
export function presentShare(record: RolloutRecord): string {
  const { plan, state } = record
  const asked = formatStage(plan.stages[state.stage]!, plan.cohort?.name)
  const { byPods } = stageTraffic(record)!
  return byPods === undefined ? asked : `${asked} (by pods ${formatPercent(byPods)})`
}

function byWhom({ state: { paused } }: RolloutRecord): string {
  const by = paused?.by === undefined ? '' : ` by ${escaped(paused.by)}`
  return paused?.reason === undefined ? by : `${by} (${escaped(paused.reason)})`
}

function checkLines(check: RolloutCheck, record: RolloutRecord, paint: Paint): readonly string[] {
  const failures =
    check.verdict === 'fail' ? `, ${record.state.failures} of ${record.plan.threshold} failures` : ''
  if (check.refused !== undefined)
    return [`${stepOf(record)} cannot be entered${paint.red(failures)}: ${escaped(check.refused)}`]
  return [
    `check ${checksAt(record)}: ${coloured(check.verdict, paint)}${failures}`,
    ...check.results.map(result => {
      const reason = formatReason(result, record)
      const measured = formatMeasured(result, record)
      const verdict = coloured(result.verdict, paint)
      return `  ${result.metric}${measured === '' ? '' : ` ${measured}`}: ${verdict}${reason === '' ? '' : `, ${reason}`}`
    }),
  ]
}

/** How many checks of the present step have measured something. */
const checksAt = ({ state }: RolloutRecord): number => {
  const { passed, failed, noData, checks } = presentOf(state)
  return passed + failed + noData - checks.filter(({ refused }) => refused !== undefined).length
}

const coloured = (verdict: RolloutCheck['verdict'], { green, red, yellow }: Paint): string =>
  ({ pass: green, fail: red, 'no-data': yellow })[verdict](formatVerdict(verdict))

function endLine(record: RolloutRecord, { green, red }: Paint): string {
  const sentence = escaped(`${record.service}: ${record.version} ${endOf(record.state)}`)
  return record.state.status === 'promoted' ? green(sentence) : red(sentence)
}
