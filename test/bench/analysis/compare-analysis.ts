/** Plays many made-up rollouts under Flagger's rule and under ours, and prints how they end. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { syntheticService } from '../../../shared/analysis/synthetic/synthetic-service.ts'
import { playFlagger } from './flagger-rule.ts'
import { playOurs } from './our-rule.ts'
import { parameters, type Played } from './play.ts'
import { scenarios, type RolloutScenario } from './scenarios.ts'

const rules = { flagger: playFlagger, ours: playOurs }

/** How many of a hundred ended in each way, and the median of their minutes. */
export interface Outcome {
  readonly promoted: number
  readonly failed: number
  readonly noData: number
  readonly minutes: number
}

/** Plays a scenario so many times under one rule, with seeds from 1. */
export function outcomeOf(scenario: RolloutScenario, rule: keyof typeof rules, rollouts: number): Outcome {
  const played = Array.from({ length: rollouts }, (_, i) =>
    rules[rule](syntheticService({ ...scenario.traffic, seed: i + 1 }), parameters),
  )
  const part = (...ends: readonly Played['end'][]) =>
    (100 * played.filter(({ end }) => ends.includes(end)).length) / rollouts
  const seconds = played.map(one => one.seconds).toSorted((one, other) => one - other)
  return {
    promoted: part('promoted'),
    failed: part('failed'),
    noData: part('no-data', 'running'),
    minutes: seconds[Math.floor(rollouts / 2)]! / 60,
  }
}

const percent = (value: number): string => `${Number(value.toFixed(1))} %`

/** How a scenario ended under one rule; what should not be is bold. */
function cellOf({ expected }: RolloutScenario, { promoted, failed, noData, minutes }: Outcome): string {
  const ends = [
    ['promoted', promoted, expected === 'promoted'],
    ['rolled back', failed, expected === 'rolled back'],
    ['no data', noData, expected === 'neither'],
  ] as const
  const seen = ends.flatMap(([name, part, isRight]) => {
    if (part === 0) return []
    return [isRight ? `${name} ${percent(part)}` : `**${name} ${percent(part)}**`]
  })
  return `${seen.join(', ')} | ${Number(minutes.toFixed(1))}`
}

/** The table of all scenarios, and the two rates of each rule. */
export function comparisonTable(rollouts: number): string {
  const played = scenarios.map(scenario => ({
    scenario,
    flagger: outcomeOf(scenario, 'flagger', rollouts),
    ours: outcomeOf(scenario, 'ours', rollouts),
  }))
  const rate = (rule: keyof typeof rules, expected: RolloutScenario['expected'], wrong: keyof Outcome) => {
    const some = played.filter(({ scenario }) => scenario.expected === expected)
    return percent(some.reduce((sum, one) => sum + one[rule][wrong], 0) / some.length)
  }
  return [
    `| what happens | should be | Flagger's rule | min | \`run\` | min |`,
    '|---|---|---|---|---|---|',
    ...played.map(({ scenario, flagger, ours }) => {
      const should = scenario.expected === 'neither' ? 'no verdict' : scenario.expected
      return `| ${scenario.name} | ${should} | ${cellOf(scenario, flagger)} | ${cellOf(scenario, ours)} |`
    }),
    `| **false rollbacks**, mean of the good ones | | ${rate('flagger', 'promoted', 'failed')} | | ${rate('ours', 'promoted', 'failed')} | |`,
    `| **missed regressions**, mean of the bad ones | | ${rate('flagger', 'rolled back', 'promoted')} | | ${rate('ours', 'rolled back', 'promoted')} | |`,
  ].join('\n')
}

const [begin, end] = ['<!-- begin: npm run compare-analysis -- --write -->', '<!-- end -->']

if (import.meta.main) {
  const table = comparisonTable(1000)
  console.log(table)
  if (process.argv.includes('--write')) {
    const file = join(import.meta.dirname, '../../../docs/analysis.md')
    const text = readFileSync(file, 'utf8')
    const [before, after] = [text.indexOf(begin) + begin.length, text.indexOf(end)]
    writeFileSync(file, `${text.slice(0, before)}\n${table}\n${text.slice(after)}`)
  }
}
