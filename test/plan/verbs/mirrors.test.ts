import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { HttpRoute } from '../../../shared/objects/virtual-service.ts'
import { planAbort } from '../../../shared/plan/plan-abort.ts'
import { planCohort } from '../../../shared/plan/plan-cohort.ts'
import type { Plan } from '../../../shared/plan/plan.ts'
import { planPromote } from '../../../shared/plan/plan-promote.ts'
import { planWeight } from '../../../shared/plan/plan-weight.ts'
import type { ClusterView } from '../../../shared/view/cluster-view.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { apply, cohortIntent, routeNamed, split, target, weights } from '../intents.ts'
import { catalog, destinationRule, inMesh } from '../worlds.ts'

const mirrored = (subset: string | undefined, prefix: string): HttpRoute => ({
  match: [{ uri: { prefix } }],
  mirror: { host: 'catalog', ...(subset === undefined ? {} : { subset }) },
  mirrorPercentage: { value: 5 },
  route: [{ destination: { host: 'catalog', subset: 'version-v1' } }],
})
/** The catalog with a mirror to each version, to the Service as a whole, and to another Service. */
const start: ClusterView = snapshot([
  ...catalog().filter(({ kind }) => kind === 'Service' || kind === 'Deployment'),
  destinationRule('v1', 'v2', 'v3'),
  inMesh(
    mirrored('version-v1', '/1'),
    mirrored('version-v2', '/2'),
    mirrored('version-v3', '/3'),
    mirrored(undefined, '/any'),
    { ...mirrored(undefined, '/orders'), mirror: { host: 'orders' } },
  ),
])
/** The mirrors that are left, by what they lead to. */
const mirrorsIn = (view: ClusterView): readonly string[] =>
  routeNamed(view, 'catalog-mesh').spec.http!.flatMap(({ mirror }) =>
    mirror === undefined ? [] : [mirror.subset ?? mirror.host],
  )

/** Which mirrors end and which stay, as it is said. */
const ends = ({ notes }: Plan): readonly string[] =>
  notes
    .flatMap(note =>
      note.kind === 'mirror-ends' || note.kind === 'mirror-stays' ? [`${note.kind} ${note.to}`] : [],
    )
    .toSorted()

describe('the mirrors of a canary', () => {
  it('go with the promotion of their version, those to others stay', () => {
    const promoted = apply(start, planPromote(start, { target, version: 'v2', force: false }))
    assert.deepEqual(mirrorsIn(promoted), ['version-v1', 'version-v3', 'catalog', 'orders'])
    assert.deepEqual(new Set(split(promoted, 'catalog-mesh')), new Set(['version-v2']))
  })
  it('go with an abort where they lead to the canary: to a version that has a share or a cohort', () => {
    for (const canary of [
      planWeight(start, weights(['v2', 10])),
      planCohort(start, cohortIntent('internal', 'v2')),
    ]) {
      const during = apply(start, canary)
      const plan = planAbort(during, { target })
      assert.deepEqual(mirrorsIn(apply(during, plan)), ['version-v1', 'version-v3', 'catalog', 'orders'])
      assert.deepEqual(ends(plan), [
        'mirror-ends v2',
        'mirror-stays any of v1, v2, v3',
        'mirror-stays orders',
        'mirror-stays v1',
        'mirror-stays v3',
      ])
    }
  })
  it('are the canary themselves where no version has a share or a cohort', () => {
    const aborted = apply(start, planAbort(start, { target }))
    assert.deepEqual(mirrorsIn(aborted), ['version-v1', 'catalog', 'orders'])
  })
  it('are named by a promotion, those that go and those that stay', () => {
    assert.deepEqual(ends(planPromote(start, { target, version: 'v3', force: false })), [
      'mirror-ends v3',
      'mirror-stays any of v1, v2, v3',
      'mirror-stays orders',
      'mirror-stays v1',
      'mirror-stays v2',
    ])
  })
  it('stay while weights are set', () => {
    const weighed = apply(start, planWeight(start, weights(['v2', 10])))
    assert.deepEqual(mirrorsIn(weighed), mirrorsIn(start))
  })
})
