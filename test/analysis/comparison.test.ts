import assert from 'node:assert/strict'
import { test } from 'node:test'
import { outcomeOf } from '../bench/analysis/compare-analysis.ts'
import { scenarios } from '../bench/analysis/scenarios.ts'

const rollouts = 25

for (const scenario of scenarios.filter(({ name }) => name !== '1 % more fail, 10 requests/s'))
  test(`nearly all of many rollouts end as they should: ${scenario.name}`, () => {
    const { promoted, failed, noData } = outcomeOf(scenario, 'ours', rollouts)
    const right = { promoted, 'rolled back': failed, neither: noData }[scenario.expected]
    assert.ok(right >= 92, `${right} % are ${scenario.expected}`)
  })

test('Flagger’s rule takes a good version back for an outage of both, and misses what stays in the range', () => {
  const of = (name: string) =>
    outcomeOf(
      scenarios.find(one => one.name === name)!,
      'flagger',
      rollouts,
    )
  assert.equal(of('outage of both for 5 minutes, good canary').failed, 100)
  assert.equal(of('0.5 % more fail').promoted, 100)
})
