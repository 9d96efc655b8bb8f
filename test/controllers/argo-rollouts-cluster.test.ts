import assert from 'node:assert/strict'
import { clusterTests } from '../cluster/cluster-test.ts'
import { aborted, atPause, inAnalysis, promoted } from './rollout-objects.ts'
import { rolloutOrders, rolloutWorld } from './rollout-orders.ts'

const real = clusterTests({ crds: ['istio', 'controllers'] })

const template = (version: number): object => ({
  metadata: { labels: { app: 'checkout', version: `v${version}` } },
  spec: {
    containers: [{ name: 'server', image: `registry.example.com/checkout:${version}` }],
  },
})

for (const { what, line, status, spec = {}, patches } of rolloutOrders)
  real(`${what} is what the Rollout's own command line sends`, async cluster => {
    const { does, sent, get } = await rolloutWorld(cluster, status, spec)
    const before = await get('rollouts/checkout')
    const dry = await does(`${line} --dry-run=server`)
    assert.match(dry.stdout, /server dry run/)
    assert.deepEqual(await get('rollouts/checkout'), before)
    sent()
    await does(line)
    assert.deepEqual(sent(), patches)
  })

for (const [what, line, revision] of [
  ['the revision before the newest', 'undo checkout', 2],
  ['a revision that is named', 'undo checkout --to-revision 1', 1],
] as const)
  real(`an undo to ${what} restores its pod template, and nothing else`, async cluster => {
    const { does, sent, get } = await rolloutWorld(cluster, promoted)
    const before = await get('rollouts/checkout')
    await does(line)
    const [patch, ...more] = sent()
    assert.deepEqual(more, [])
    assert.equal(patch?.type, 'json')
    const [operation] = patch.body as readonly Record<string, unknown>[]
    assert.deepEqual([operation?.['op'], operation?.['path']], ['replace', '/spec/template'])
    const after = await get('rollouts/checkout')
    const spec = Reflect.get(after, 'spec') as { readonly template: object }
    assert.partialDeepStrictEqual(spec.template, template(revision))
    assert.doesNotMatch(JSON.stringify(spec), /rollouts-pod-template-hash/)
    assert.deepEqual({ ...spec, template: 0 }, { ...(Reflect.get(before, 'spec') as object), template: 0 })
    assert.match((await does(line)).stdout, /unchanged/)
  })

for (const [what, line, status] of [
  ['a second abort', 'abort checkout', aborted],
  ['a second pause', 'pause checkout', inAnalysis],
  ['a retry of what is not aborted', 'retry checkout', atPause],
  ['a step of what is promoted', 'promote checkout --step', promoted],
  ['a full promotion of what is promoted', 'promote checkout --full', promoted],
] as const)
  real(`${what} writes nothing and says unchanged`, async cluster => {
    const { does, sent } = await rolloutWorld(
      cluster,
      status,
      line.startsWith('pause') ? { paused: true } : {},
    )
    assert.match((await does(line)).stdout, /unchanged/)
    assert.deepEqual(sent(), [])
  })

real('a Rollout that changed since it was read is read again, and never answered with 422', async cluster => {
  for (const line of ['promote checkout --step', 'abort checkout', 'pause checkout', 'undo checkout']) {
    const { canary, sent, patch, before } = await rolloutWorld(cluster, atPause)
    before(() => patch('rollouts/checkout', { metadata: { annotations: { somebody: 'else' } } }))
    const { code, stderr } = await canary(line)
    assert.equal(code, 0, stderr)
    assert.match(stderr, /changed by someone else in the meantime; trying again/)
    assert.equal(sent().length, 2, line)
  }
})

real('what its controller would drop or undo is refused with what to do, and that works', async cluster => {
  const followed = /kubectl canary (.+) -n \S+( --\w+)?$/m
  for (const [line, status, wanted] of [
    ['abort checkout', promoted, /nothing to abort: its newest version is promoted/],
    ['promote checkout --step', aborted, /is aborted: its controller would drop a step/],
    ['promote checkout checkout-stable', atPause, /checkout-stable is its stable version/],
  ] as const) {
    const { refuses, does, sent } = await rolloutWorld(cluster, status)
    const said = await refuses(line)
    assert.match(said, wanted)
    assert.deepEqual(sent(), [])
    const [, command = '', flag = ''] = followed.exec(said) ?? []
    await does(`${command}${flag}`)
    assert.equal(sent().length, 1, command)
  }
})

real(
  'edits of its routes are refused with the field that does it, whatever provider is chosen',
  async cluster => {
    const { refuses, sent, get } = await rolloutWorld(cluster, atPause)
    const before = await get('virtualservices/checkout')
    for (const [line, field] of [
      ['weight checkout-stable checkout-canary=40', /setWeight/],
      ['weight checkout-stable checkout-canary=40 --provider gateway-api', /setWeight/],
      ['cohort internal checkout-stable --to checkout-canary', /setHeaderRoute/],
      ['mirror checkout-stable checkout-canary=10', /setMirrorRoute/],
      ['init checkout-stable --stable checkout-stable', /trafficRouting/],
    ] as const) {
      const said = await refuses(line)
      assert.match(said, /belongs to Rollout \S+\/checkout, which would set any edit back/, line)
      assert.match(said, field, line)
    }
    assert.deepEqual(sent(), [])
    assert.deepEqual(await get('virtualservices/checkout'), before)
  },
)
