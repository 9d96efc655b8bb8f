import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describedChecks } from '../../../shared/readiness/described.ts'
import { serviceChecks } from '../../../shared/readiness/checks.ts'
import { saidOf } from '../reports.ts'
import { routeCases } from './route-cases.ts'
import { workloadCases } from './workload-cases.ts'

const cases = [...workloadCases, ...routeCases]

for (const [id, title, objects, state, message] of cases)
  test(`${id}: ${title} is ${state ?? 'no matter of it'}`, () => {
    const said = saidOf(id, objects)
    assert.equal(said.state, state, said.results.join('\n'))
    if (message !== undefined) assert.match(said.results.join('\n'), message)
    const fixable = said.results.filter(result => !/^(pass|unknown) /.test(result))
    if (fixable.length > 0 && id !== 'workload-service') assert.ok(said.fixes.length > 0, 'a fix')
  })

test('each check declares the states in which a case of it ends, and no others', () => {
  const seen = (id: string): readonly string[] =>
    cases
      .filter(([of, , , state]) => of === id && (state === 'warn' || state === 'fail'))
      .map(each => each[3]!)
  for (const { id, states } of serviceChecks)
    assert.deepEqual([...new Set(seen(id))].toSorted(), [...states].toSorted(), id)
})

test('a check is described as heavy as it can be', () => {
  const severities = new Map(describedChecks().map(({ id, severity }) => [id, severity.lint]))
  assert.deepEqual(
    ['pod-labels', 'headless', 'header-forwarding'].map(id => severities.get(id)),
    ['error', 'warning', 'info'],
  )
})
