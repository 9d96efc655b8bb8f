import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { HttpRoute } from '../../../shared/objects/virtual-service.ts'
import { planAbort } from '../../../shared/plan/plan-abort.ts'
import { planPromote } from '../../../shared/plan/plan-promote.ts'
import { planWeight } from '../../../shared/plan/plan-weight.ts'
import type { ClusterView } from '../../../shared/view/cluster-view.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { apply, routeNamed, split, target, weights } from '../intents.ts'
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

describe('the mirrors of a canary', () => {
  it('go with the promotion of their version, those to others stay', () => {
    const promoted = apply(start, planPromote(start, { target, version: 'v2', force: false }))
    assert.deepEqual(mirrorsIn(promoted), ['version-v1', 'version-v3', 'catalog', 'orders'])
    assert.deepEqual(new Set(split(promoted, 'catalog-mesh')), new Set(['version-v2']))
  })
  it('go with an abort, but for those to the stable version', () => {
    const aborted = apply(start, planAbort(start, { target }))
    assert.deepEqual(mirrorsIn(aborted), ['version-v1', 'orders'])
  })
  it('stay while weights are set', () => {
    const weighed = apply(start, planWeight(start, weights(['v2', 10])))
    assert.deepEqual(mirrorsIn(weighed), mirrorsIn(start))
  })
})
