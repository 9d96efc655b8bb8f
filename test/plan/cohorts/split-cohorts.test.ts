import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { cohortIntentOf } from '../../../plugin/commands/cohort/cohort-intent.ts'
import type { CohortIntent } from '../../../shared/plan/intent.ts'
import { planCohort } from '../../../shared/plan/plan-cohort.ts'
import { planPromote } from '../../../shared/plan/plan-promote.ts'
import { planRemoveCohort } from '../../../shared/plan/plan-remove-cohort.ts'
import { planWeight } from '../../../shared/plan/plan-weight.ts'
import type { ClusterView } from '../../../shared/view/cluster-view.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { apply, code, cohortIntent, routeNamed, split, target, weights } from '../intents.ts'
import { catalog, inMesh, toSubset } from '../worlds.ts'

const start = snapshot(catalog())
const set = (view: ClusterView, more: Partial<CohortIntent> = {}): ClusterView =>
  apply(view, planCohort(view, cohortIntent('internal', 'v2', more)))
const cohortsOf = (view: ClusterView) =>
  planCohort(view, cohortIntent('other', 'v2')).traffic!.before.entryPoints.flatMap(({ cohorts }) => cohorts)

describe('a cohort with a split of its own', () => {
  it('sends its part to the version and the rest to stable, and everyone else where they were', () => {
    const view = set(start, { share: 30 })
    assert.deepEqual(split(view, 'catalog-mesh'), ['version-v2=30 version-v1=70', 'version-v1'])
    for (const { to, shares } of cohortsOf(view))
      assert.deepEqual(
        { to, shares },
        {
          to: 'v2',
          shares: [
            { version: 'v2', percent: 30 },
            { version: 'v1', percent: 70 },
          ],
        },
      )
  })
  it('changes with the next command, to another part or to all of it, and keeps its age for the same', () => {
    const view = set(start, { share: 30 })
    assert.deepEqual(
      planCohort(view, cohortIntent('internal', 'v2', { share: 30, since: '2027-01-01T00:00:00Z' })).changes,
      [],
    )
    assert.deepEqual(split(set(view, { share: 50 }), 'catalog-mesh')[0], 'version-v2=50 version-v1=50')
    const whole = set(view)
    assert.deepEqual(split(whole, 'catalog-mesh'), ['version-v2', 'version-v1'])
    assert.ok(cohortsOf(whole).every(({ shares }) => shares === undefined))
  })
})

describe('the split of a cohort', () => {
  it('inherits the settings that each version has in the route, and leaves nothing when it is removed', () => {
    const [v1, v2] = ['one', 'two'].map((text, i) => ({
      ...toSubset(`version-v${i + 1}`).route![0]!,
      weight: 50,
      headers: { request: { set: { 'x-to': text } } },
    }))
    const mesh = inMesh({ route: [v1!, v2!] })
    const objects = catalog().filter(({ metadata }) => metadata.name !== mesh.metadata.name)
    const view = apply(
      snapshot([...objects, mesh]),
      planWeight(snapshot([...objects, mesh]), { ...weights(['v2', 10]), stable: 'v1' }),
    )
    const own = routeNamed(set(view, { share: 30 }), 'catalog-mesh').spec.http![0]!.route!
    assert.deepEqual(own, [
      { ...v2, weight: 30 },
      { ...v1, weight: 70 },
    ])
    const bare = apply(
      set(view, { share: 30 }),
      planRemoveCohort(set(view, { share: 30 }), { target, name: 'internal' }),
    )
    assert.deepEqual(bare.list('VirtualService'), view.list('VirtualService'))
  })
  it('ends with the promotion of its version', () => {
    const view = set(start, { share: 30 })
    const promoted = apply(view, planPromote(view, { target, version: 'v2', force: false }))
    assert.deepEqual(split(promoted, 'catalog-mesh'), ['version-v2'])
  })
  it('is not one where both parts are stable', () => {
    assert.equal(
      code(() => set(start, { to: 'v1', share: 30 })),
      'usage',
    )
  })
  it('is read from the word after --to, and all of it is no split', async () => {
    const intent = (to: string) => cohortIntentOf('internal', { to, force: false }, new Date(0))
    for (const text of ['v2=50', 'v2=50%'])
      assert.deepEqual(await intent(text), { ...(await intent('v2')), share: 50 })
    assert.deepEqual(await intent('v2=100'), await intent('v2'))
    for (const to of ['v2=', 'v2=0', 'v2=101', 'v2=x', '=50', 'v2=5.5', 'v2=-1'])
      await assert.rejects(intent(to), { code: 'usage' }, to)
  })
})
