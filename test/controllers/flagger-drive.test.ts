import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parse } from 'yaml'
import { canaryFields, gateCall, gatesOf } from '../../shared/controllers/flagger/canary.ts'
import { drive } from '../../shared/controllers/flagger/drive.ts'
import { CanaryError } from '../../shared/objects/canary-error.ts'
import type { KubeObject } from '../../shared/objects/kube-object.ts'
import type { ControllerOrder, DrivenRollout } from '../../shared/routing/controller.ts'
import { canary as written, gate, progressing, succeeded } from './canary-objects.ts'

const base = parse(written) as KubeObject & { readonly spec: object }
const canaryOf = (status: object, spec: object = {}): KubeObject =>
  ({
    ...base,
    metadata: { ...base.metadata, namespace: 'shop' },
    spec: { ...base.spec, ...spec },
    status,
  }) as KubeObject
const at = (phase: string): object => ({ ...progressing, phase, lastAppliedSpec: 'c3' })
const hooks = (...webhooks: readonly object[]): object => ({ analysis: { webhooks } })
const rollback = gate('rollback', 'rollback')
const confirm = gate('confirm-promotion', 'gate')
const foreign = { name: 'ci', type: 'rollback', url: 'https://ci.example.com/verdict' }

const driven = (order: ControllerOrder, canary: KubeObject): DrivenRollout =>
  drive(canary, { order, parts: [], named: 'catalog -n shop' })
/** Why an order is refused, and the commands and edits that are offered instead. */
function refusal(order: ControllerOrder, canary: KubeObject): readonly string[] {
  try {
    driven(order, canary)
  } catch (error) {
    assert.ok(error instanceof CanaryError && error.code === 'refused', String(error))
    assert.equal(error.owner, 'Canary shop/catalog-release')
    return [error.message.replace('Canary shop/catalog-release: ', ''), ...error.hints]
  }
  throw new Error('not refused')
}
const takenBack =
  'To take the change of Deployment catalog back, which Flagger then analyses as a new version: kubectl rollout undo deployment/catalog -n shop'
const goOn = 'To let it continue first: kubectl canary resume catalog -n shop'

describe('an order that is one field of a Canary', () => {
  for (const [order, spec, field] of [
    ['pause', {}, { suspend: true }],
    ['resume', { suspend: true }, { suspend: false }],
    ['full', {}, { skipAnalysis: true }],
  ] as const)
    test(`${order} sets ${Object.keys(field).join()} and leaves the rest of it`, () => {
      const canary = canaryOf(at('Progressing'), spec)
      const { changes } = driven(order, canary)
      assert.deepEqual(changes, [
        {
          before: canary,
          after: canaryOf(at('Progressing'), { ...spec, ...field }),
          patch: { type: 'merge', body: { spec: field } },
        },
      ])
    })

  test('writes nothing where the field is as wanted, or the version takes over already', () => {
    for (const [order, canary] of [
      ['pause', canaryOf(at('Progressing'), { suspend: true })],
      ['resume', canaryOf(at('Progressing'))],
      ['full', canaryOf(at('Progressing'), { skipAnalysis: true })],
      ['full', canaryOf(at('Promoting'))],
      ['full', canaryOf(at('Finalising'))],
      ['abort', canaryOf(succeeded)],
      ['abort', canaryOf({})],
    ] as const)
      assert.deepEqual(driven(order, canary).changes, [])
  })

  test('full is refused where Flagger would not look, or would release the next version instead', () => {
    assert.deepEqual(refusal('full', canaryOf(at('Progressing'), { suspend: true })).slice(1), [goOn])
    for (const [status, phase] of [
      [succeeded, 'Succeeded'],
      [{}, 'no phase yet'],
    ] as const)
      assert.equal(refusal('full', canaryOf(status))[0], `no version is under way (${phase})`)
  })

  test('resume of one that waits for its webhooks says what opens them', () => {
    const notesOf = (phase: string, spec: object) => driven('resume', canaryOf(at(phase), spec)).notes
    const [note, ...more] = notesOf('WaitingPromotion', hooks(confirm))
    assert.match(note!, /kubectl canary promote catalog -n shop --step$/)
    assert.deepEqual(more, [])
    assert.deepEqual(notesOf('Progressing', hooks(confirm)), [])
    assert.deepEqual(notesOf('Waiting', hooks(rollback)), [])
  })
})

describe('an abort of a Canary', () => {
  test('opens the gate of its rollback webhook, and says how to close it', () => {
    for (const phase of ['Progressing', 'Waiting', 'WaitingPromotion']) {
      const { changes, calls, notes } = driven(
        'abort',
        canaryOf(at(phase), hooks(confirm, foreign, rollback)),
      )
      assert.deepEqual(changes, [])
      const path = '/api/v1/namespaces/test/services/http:flagger-loadtester:80/proxy/rollback'
      assert.deepEqual(
        calls?.map(call => [call.path, call.body]),
        [[`${path}/open`, { name: 'catalog-release', namespace: 'shop' }]],
      )
      assert.equal(notes.length, 1)
      assert.ok(notes[0]!.includes(`kubectl create --raw ${path}/close -f -`))
    }
  })

  test('is refused where Flagger would not go back, with what makes it', () => {
    const hold = 'To hold it where it is: kubectl canary pause catalog -n shop'
    const running = at('Progressing')
    assert.deepEqual(refusal('abort', canaryOf(running)).slice(1), [takenBack, hold])
    assert.deepEqual(refusal('abort', canaryOf(running, { suspend: true })).slice(1), [takenBack])
    assert.deepEqual(refusal('abort', canaryOf(running, { ...hooks(rollback), suspend: true })).slice(1), [
      goOn,
    ])
    assert.deepEqual(refusal('abort', canaryOf(running, hooks(foreign))).slice(1), [
      'Let https://ci.example.com/verdict (webhook ci) answer with 200.',
    ])
    const skipping = refusal('abort', canaryOf(running, { ...hooks(rollback), skipAnalysis: true }))
    assert.match(skipping[1]!, /^To have it look: kubectl patch .*"skipAnalysis":false/)
    assert.deepEqual(skipping.slice(2), [takenBack])
    for (const phase of ['Promoting', 'Finalising'])
      assert.deepEqual(refusal('abort', canaryOf(at(phase), hooks(rollback))).slice(1), [takenBack])
  })
})

describe('an order that Flagger does not have', () => {
  const running = at('Progressing')

  test('is refused with the change of the target that does it, where kubectl has one', () => {
    assert.deepEqual(refusal('undo', canaryOf(running)).slice(1), [takenBack])
    assert.deepEqual(refusal('retry', canaryOf(running)).slice(1), [
      'To analyse the same version again: kubectl rollout restart deployment/catalog -n shop',
    ])
    const daemons = canaryOf(running, { targetRef: { kind: 'DaemonSet', name: 'catalog' } })
    assert.match(refusal('undo', daemons)[1]!, /kubectl rollout undo daemonset\/catalog -n shop$/)
    assert.match(refusal('retry', daemons)[1]!, /kubectl rollout restart daemonset\/catalog -n shop$/)
    const service = canaryOf(running, { targetRef: { kind: 'Service', name: 'catalog' } })
    assert.deepEqual([refusal('undo', service).length, refusal('retry', service).length], [1, 1])
  })

  test('is refused for a step with its gates: the call that opens one, or the address that must answer', () => {
    assert.deepEqual(refusal('step', canaryOf(running, hooks(rollback))).slice(1), [
      'Canary shop/catalog-release has none of these webhooks.',
    ])
    const own = { name: 'person', type: 'confirm-rollout', url: 'https://ci.example.com/ok' }
    const [open, other, ...more] = refusal('step', canaryOf(running, hooks(confirm, own, rollback))).slice(1)
    assert.match(
      open!,
      /^To open its gate the confirm-promotion gate \(confirm-promotion\): echo .*\/gate\/open -f -$/,
    )
    assert.equal(
      other,
      'Its webhook person (confirm-rollout) asks https://ci.example.com/ok: let that answer with 200.',
    )
    assert.deepEqual(more, [])
  })
})

test('the gates of a Canary are its webhooks that hold it or take it back, each with a name', () => {
  const webhooks = [confirm, rollback, { type: 'confirm-rollout' }, { type: 'pre-rollout' }, { name: 'load' }]
  assert.deepEqual(
    gatesOf(canaryFields(canaryOf({}, hooks(...webhooks)))).map(({ name, type, url }) => [
      name,
      type,
      url !== '',
    ]),
    [
      ['the confirm-promotion gate', 'confirm-promotion', true],
      ['the rollback gate', 'rollback', true],
      ['confirm-rollout', 'confirm-rollout', false],
    ],
  )
})

test('a gate is opened through the API server where its address is that of a Service and a path of the load tester', () => {
  const pathOf = (url: string) => gateCall(canaryOf({}), { name: 'g', type: 'rollback', url }, 'open')?.path
  const proxy = '/api/v1/namespaces/test/services'
  assert.equal(pathOf('http://loadtester.test/gate/check'), `${proxy}/http:loadtester:80/proxy/gate/open`)
  assert.equal(
    pathOf('https://loadtester.test/rollback/check/'),
    `${proxy}/https:loadtester:443/proxy/rollback/open`,
  )
  assert.equal(
    pathOf('http://loadtester.test.svc.cluster.local:8080/gate/check'),
    `${proxy}/http:loadtester:8080/proxy/gate/open`,
  )
  for (const url of [
    '',
    'http://loadtester/gate/check',
    'http://loadtester.test/gate/open',
    'http://loadtester.test/gate/check?x=1',
    'ftp://loadtester.test/gate/check',
    'http://load_tester.test/gate/check',
    'http://loadtester.te_st/gate/check',
  ])
    assert.equal(pathOf(url), undefined, url)
})

test('a Canary without a kind of its target is one of a Deployment, and its older field of analysis counts', () => {
  const canary = canaryOf(
    {},
    { targetRef: { name: 'catalog' }, analysis: undefined, canaryAnalysis: { interval: '1m' } },
  )
  const { target, analysis, phase } = canaryFields(canary)
  assert.deepEqual([target.kind, analysis, phase], ['Deployment', { interval: '1m' }, ''])
})
