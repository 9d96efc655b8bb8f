import assert from 'node:assert/strict'
import test from 'node:test'
import { planMirror } from '../../../shared/plan/mirror/plan-mirror.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { target } from '../intents.ts'
import { peopleAfter } from '../people-after.ts'
import { catalog, inMesh, toSubset } from '../worlds.ts'

test('a mirror on all routes that get requests is on all, whatever other routes there are', () => {
  const start = snapshot([
    ...catalog().filter(({ kind }) => kind !== 'VirtualService'),
    inMesh(toSubset('version-v1'), { match: [{ uri: { prefix: '/api' } }], ...toSubset('version-v2') }),
  ])
  const plan = planMirror(start, { target, mirrors: new Map([['v2', 10]]), force: false })
  assert.deepEqual(peopleAfter(plan), ['catalog: everyone → v1; 10 % mirrored to v2'])
  assert.ok(!plan.notes.some(({ kind }) => kind === 'mirror-not-needed'))
})
