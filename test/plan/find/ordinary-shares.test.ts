import assert from 'node:assert/strict'
import test from 'node:test'
import type { HttpRoute, VirtualService } from '../../../shared/objects/virtual-service.ts'
import { planWeight } from '../../../shared/plan/plan-weight.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { code, weights } from '../intents.ts'
import { peopleAfter } from '../people-after.ts'
import { catalog, inMesh, toSubset, virtualService } from '../worlds.ts'

const split = (one: number): HttpRoute => ({
  route: [
    { destination: { host: 'catalog', subset: 'version-v1' }, weight: one },
    { destination: { host: 'catalog', subset: 'version-v2' }, weight: 100 - one },
  ],
})
const world = (...routes: readonly VirtualService[]) =>
  snapshot([...catalog().filter(({ kind }) => kind !== 'VirtualService'), ...routes])
const beta: HttpRoute = {
  match: [{ headers: { 'x-beta': { exact: '1' } } }],
  ...toSubset('version-v2'),
}
const path: HttpRoute = { match: [{ uri: { prefix: '/beta' } }], ...toSubset('version-v2') }

test('a header route by hand to the canary leaves the version with the larger share stable', () => {
  const plan = planWeight(world(inMesh(beta, split(95))), weights(['v2', 20]))
  assert.deepEqual(peopleAfter(plan), ['catalog: x-beta: 1 → v2; everyone → v1 80 %, v2 20 %'])
})

test('a path that the canary has in full, or a larger share of it, leaves open which version is stable', () => {
  for (const routes of [
    [path, split(95)],
    [beta, split(40)],
  ])
    assert.equal(
      code(() => planWeight(world(inMesh(...routes)), weights(['v2', 20]))),
      'usage',
    )
})

test('a version that only routes which another VirtualService takes lead to has no ordinary requests', () => {
  const bound = (name: string, subset: string, day: number): VirtualService =>
    virtualService(
      name,
      { hosts: ['catalog.example.com'], gateways: ['edge/gw'], http: [toSubset(subset)] },
      { creationTimestamp: `2026-01-0${day}T00:00:00Z` },
    )
  const routes = [bound('first', 'version-v1', 1), bound('second', 'version-v2', 2)]
  const [said] = peopleAfter(planWeight(world(...routes), weights(['v2', 20])))
  assert.match(said!, /v1 80 %, v2 20 %/)
})
