import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CanaryError } from '../../../shared/objects/canary-error.ts'
import { planCohort } from '../../../shared/plan/plan-cohort.ts'
import type { Condition } from '../../../shared/routing/condition.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { parseConditions } from '../../../plugin/words/conditions.ts'
import { splitWords } from '../../../plugin/words/shell-words.ts'
import { cohortIntent } from '../intents.ts'
import { objects, route, shop, to } from '../written-worlds.ts'

const world = snapshot(objects(...shop, route('shop/catalog', `{hosts: [catalog], http: [${to('v1')}]}`)))
const target = { service: 'catalog', namespace: 'shop', command: 'cohort internal --to v2' }
const planned = (conditions: readonly Condition[]) =>
  planCohort(world, cohortIntent('internal', 'v2', { target, conditions }))
const conditionsOf = (query: string): readonly Condition[] =>
  parseConditions({ query: [query] }, () => undefined)

for (const query of ['q=a b', 'a&b=c', 'q:prefix=#1', "q=it's & x", 'prefix:prefix=a b'])
  test(`--query ${query}, which is in no URL, is refused with what is`, () => {
    let hint = ''
    assert.throws(
      () => planned(conditionsOf(query)),
      (error: CanaryError) => {
        hint = error.hints.join('\n')
        return error.code === 'usage'
      },
    )
    const [, advised = ''] = splitWords(/--query .*/.exec(hint)![0])
    const [condition] = conditionsOf(advised)
    assert.equal(planned([condition!]).changes.length, 1)
    assert.equal(decodeURIComponent(advised), query)
  })

test('a query parameter may be encoded, a regular expression or empty', () => {
  for (const query of ['q=a%20b', 'q:regex=a b', 'q=', 'q=ü'])
    assert.equal(planned(conditionsOf(query)).changes.length, 1, query)
})
