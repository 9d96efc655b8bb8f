import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { fieldsOf } from '../../../shared/objects/unchecked.ts'
import { runCommand, words } from '../../plugin/run-command.ts'
import { ControllerStore, liveObjects } from './worlds.ts'

/** A world whose Rollout or Canary gets other fields of its status just before the first write. */
function overtaken(world: string, status: object): ControllerStore {
  const store = new ControllerStore(liveObjects(world))
  let isFirst = true
  store.beforeApply = () => {
    if (!isFirst) return
    isFirst = false
    store.objects = store.objects.map(object =>
      object.kind === 'Rollout' || object.kind === 'Canary'
        ? ({ ...object, status: { ...fieldsOf(Reflect.get(object, 'status')), ...status } } as KubeObject)
        : object,
    )
  }
  return store
}

for (const [what, world, line, status, error] of [
  [
    'a step that advanced meanwhile',
    'rollout-umbrella',
    'promote checkout --step -n shop',
    { currentStepIndex: 2, pauseConditions: null },
    /it was version c3 at step 2 of 3 \(pause\), held by CanaryPauseStep, and is version c3 at step 3 of 3 \(setWeight 60\)/,
  ],
  [
    'a pause that somebody ended meanwhile',
    'rollout-umbrella',
    'promote checkout --step -n shop',
    { pauseConditions: null },
    /held by CanaryPauseStep, and is version c3 at step 2 of 3 \(pause\)$/m,
  ],
  [
    'another version that was begun meanwhile',
    'rollout-umbrella',
    'promote checkout --full -n shop',
    { currentPodHash: 'd4' },
    /it was version c3, and is version d4/,
  ],
  [
    'another version of a blue-green Rollout',
    'rollout-blue-green',
    'promote rollout-bluegreen-active --step -n shop',
    { currentPodHash: 'd4' },
    /it was version c3, held by BlueGreenPause, and is version d4/,
  ],
  [
    'another version of a Canary',
    'flagger-istio',
    'promote podinfo --full -n shop',
    { lastAppliedSpec: '5f9' },
    /it was version unknown, and is version 5f9/,
  ],
] as const)
  test(`a promotion is not carried out for ${what}`, async () => {
    const store = overtaken(world, status)
    const { code, stderr } = await runCommand(words(line), { store })
    assert.equal(code, 1, stderr)
    assert.match(stderr, /advanced meanwhile, and nothing was written/)
    assert.match(stderr, error)
    assert.deepEqual(store.applied, [])
    // What it offers shows, and does, what is there now.
    const offered = [...stderr.matchAll(/kubectl canary (.*)$/gm)].map(([, command]) => command!)
    assert.equal(offered.length, 2)
    for (const command of offered) assert.equal((await runCommand(words(command), { store })).code, 0)
  })

test('an order that is still right after a conflict is carried out', async () => {
  for (const line of [
    'promote checkout --step',
    'abort checkout',
    'pause checkout',
    'promote checkout --full',
  ]) {
    const store = overtaken('rollout-umbrella', { message: 'still there' })
    const { code, stderr } = await runCommand(words(`${line} -n shop`), { store })
    assert.equal(code, 0, stderr)
    assert.match(stderr, /trying again/)
    assert.equal(store.applied.length, 1)
  }
})
