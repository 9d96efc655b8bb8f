import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { fieldsOf } from '../../../shared/objects/unchecked.ts'
import { runCommand, words, type Ended } from '../../plugin/run-command.ts'
import { ControllerStore, liveObjects } from './worlds.ts'

const world = 'rollout-blue-green'
const owner = 'Rollout shop/rollout-bluegreen'
const [active, preview] = ['rollout-bluegreen-active', 'rollout-bluegreen-preview']

/** The world with other fields of the Rollout. */
const changed = (strategy: object, status: object = {}): ControllerStore =>
  new ControllerStore(
    liveObjects(world).map(object => {
      if (object.kind !== 'Rollout') return object
      const spec = fieldsOf(Reflect.get(object, 'spec'))
      const blueGreen = { ...fieldsOf(fieldsOf(spec['strategy'])['blueGreen']), ...strategy }
      return {
        ...object,
        spec: { ...spec, strategy: { blueGreen } },
        status: { ...fieldsOf(Reflect.get(object, 'status')), ...status },
      } as KubeObject
    }),
  )
const ask = (line: string, store = changed({})): Promise<Ended> => runCommand(words(line), { store })

test('a blue-green Rollout is shown by its active and its preview Service, also where no Service is named', async () => {
  const { stdout } = await ask('status -n shop')
  for (const line of [
    `Argo Rollouts: ${owner} is Paused: BlueGreenPause`,
    '  promotion: by a person (autoPromotionEnabled: false)',
    `  active Service ${active}: the pods of revision 2`,
    `  preview Service ${preview}: the pods of revision 3`,
    '  revision 3, preview: ReplicaSet rollout-bluegreen-c3',
    '  revision 2, active: ReplicaSet rollout-bluegreen-b2',
    'its requests go to the pods of revision 2.',
  ])
    assert.ok(stdout.includes(line), `${line}\n${stdout}`)
  assert.match((await ask(`status ${preview} -n shop`)).stdout, /its requests go to the pods of revision 3\./)
  assert.doesNotMatch(stdout, /all its pods|steps:/)
})

test('what ends the pause is said by the fields that decide it', async () => {
  for (const [strategy, wanted] of [
    [{ autoPromotionEnabled: true }, 'as soon as its pods are ready'],
    [{ autoPromotionEnabled: true, autoPromotionSeconds: 30 }, '30 s after its pods are ready'],
    // CompletedBlueGreenPause asks for the seconds only where it may promote by itself.
    [{ autoPromotionEnabled: false, autoPromotionSeconds: 30 }, 'by a person'],
    [
      { prePromotionAnalysis: { templates: [] } },
      'by a person (autoPromotionEnabled: false), after prePromotionAnalysis',
    ],
  ] as const)
    assert.ok(
      (await ask('status -n shop', changed(strategy))).stdout.includes(`promotion: ${wanted}`),
      wanted,
    )
})

test('after its switch the active Service is that of the new version, before that is the stable one', async () => {
  const { stdout } = await ask(
    'status -n shop',
    changed({}, { blueGreen: { activeSelector: 'c3', previewSelector: 'c3' }, pauseConditions: null }),
  )
  assert.match(stdout, /revision 3, active: ReplicaSet/)
  assert.match(stdout, /its requests go to the pods of revision 3/)
})

test('its orders speak of active and preview, and promote ends its pause', async () => {
  for (const [line, says] of [
    [`promote ${active} --step`, `continues: ${active} leads to the pods of the preview`],
    [`promote ${active} --full`, `switches without its pause and analyses: ${active} leads`],
    [`promote ${active} preview`, `switches without its pause and analyses`],
    [
      `abort ${active}`,
      `gives its new version up: ${active} and ${preview} lead to the pods of the stable one`,
    ],
  ] as const) {
    const store = changed({})
    const { code, stdout, stderr } = await ask(`${line} -n shop`, store)
    assert.equal(code, 0, stderr)
    assert.ok(stdout.includes(says), stdout)
    assert.doesNotMatch(stdout + stderr, /steps|setWeight/)
    const body = line.startsWith('abort')
      ? { status: { abort: true } }
      : { status: line.endsWith('--step') ? { pauseConditions: null } : { promoteFull: true } }
    assert.deepEqual(
      store.applied.flat().map(({ patch }) => patch?.body),
      [body],
    )
  }
})

test('edits that only a canary takes are refused by its own strategy, and what is offered works', async () => {
  for (const line of [
    `weight ${active} ${preview}=40`,
    `cohort beta ${active} --to ${preview}`,
    `mirror ${active} ${preview}=10`,
    `init ${active} --stable v1`,
  ]) {
    const { code, stderr } = await ask(`${line} -n shop`)
    assert.equal(code, 3, stderr)
    assert.match(stderr, /blueGreen|blue-green/)
    assert.doesNotMatch(stderr, /setWeight|setHeaderRoute|setMirrorRoute|canary\.steps/)
    for (const [, command] of stderr.matchAll(/kubectl canary (.*)$/gm))
      assert.equal((await ask(command!)).code, 0, command)
  }
})
