import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { parse } from 'yaml'
import { analysisOf } from '../../shared/controllers/flagger/analysis.ts'
import type { KubeObject } from '../../shared/objects/kube-object.ts'
import { rolloutPlanOf } from '../../plugin/words/rollout/run-plan.ts'
import { MemoryStore, readExample } from '../plugin/memory-store.ts'
import { runCommand, words } from '../plugin/run-command.ts'
import { canary } from './canary-objects.ts'

const of = (analysis: string): KubeObject =>
  parse(`apiVersion: flagger.app/v1beta1
kind: Canary
metadata: { name: catalog-release, namespace: shop }
spec: { targetRef: { kind: Deployment, name: catalog }, service: { port: 80 }, analysis: ${analysis} }`) as KubeObject

test('the analysis of scenario 3 is the run that its flags describe', () => {
  const { words: said, left } = analysisOf(parse(canary) as KubeObject)
  assert.deepEqual(said, {
    step: '10',
    max: '50',
    interval: '45s',
    threshold: '5',
    metric: ['request-success-rate:min=99:1m', 'request-duration:max=500:30s'],
    sourceLabel: ['app=webapp'],
  })
  assert.deepEqual(left, [])
})

for (const [what, analysis, wanted] of [
  [
    'steps without a maximum go to 100',
    '{ interval: 1m, threshold: 5, stepWeight: 20 }',
    { step: '20', max: '100' },
  ],
  [
    'steps of their own are taken as they are',
    '{ threshold: 5, stepWeights: [1, 5, 20] }',
    { steps: '1,5,20' },
  ],
  [
    'a step goes before steps of their own',
    '{ threshold: 5, stepWeight: 5, maxWeight: 20, stepWeights: [1, 2] }',
    { step: '5', max: '20' },
  ],
  [
    'iterations with a match are an A/B test of a cohort',
    "{ threshold: 2, iterations: 7, match: [{ headers: { x-canary: { exact: insider }, cookie: { regex: '^(.*?;)?(canary=always)(;.*)?$' } } }] }",
    { iterations: '7', header: ['x-canary=insider', 'cookie:regex=^(.*?;)?(canary=always)(;.*)?$'] },
  ],
  [
    'iterations without one are blue/green',
    '{ threshold: 2, iterations: 10, mirror: true, mirrorWeight: 30 }',
    { iterations: '10', atOnce: true, mirror: '30' },
  ],
  ['a threshold of 0 counts as 1', '{ threshold: 0, stepWeight: 10, maxWeight: 50 }', { threshold: '1' }],
  [
    'an old threshold is the least success rate and the longest duration',
    '{ threshold: 5, metrics: [{ name: request-success-rate, threshold: 98 }, { name: request-duration, threshold: 250, interval: 2m }] }',
    { metric: ['request-success-rate:min=98:1m', 'request-duration:max=250:2m'] },
  ],
] as const)
  test(`of an analysis, ${what}`, () => {
    assert.partialDeepStrictEqual(analysisOf(of(analysis)).words, wanted)
  })

test('every analysis that is taken is a plan that a run takes', async () => {
  for (const analysis of [
    '{ threshold: 5, stepWeight: 50, maxWeight: 20 }',
    '{ threshold: 5, stepWeights: [1, 5, 20] }',
    '{ threshold: 2, iterations: 7, match: [{ headers: { x-canary: { exact: insider } } }] }',
    '{ threshold: 2, iterations: 3 }',
  ]) {
    const { step, max, steps, iterations, metric: _, ...rest } = analysisOf(of(analysis)).words
    const plan = await rolloutPlanOf({
      ...(step !== undefined && { step: Number(step) }),
      ...(max !== undefined && { max: Number(max) }),
      ...(steps !== undefined && { steps: steps.split(',').map(Number) }),
      ...(iterations !== undefined && { iterations: Number(iterations) }),
      interval: rest.interval,
      threshold: Number(rest.threshold),
      ...(rest.atOnce !== undefined && { atOnce: rest.atOnce }),
      ...(rest.header !== undefined && { cohort: { header: rest.header } }),
    })
    assert.equal(plan.stages.length + (rest.atOnce === true ? 1 : 0) > 0, true, analysis)
  }
})

test('what a run does not take is said: own metrics, webhooks, alerts', () => {
  const { words: said, left } = analysisOf(
    of(
      "{ threshold: 5, stepWeight: 10, metrics: [{ name: errors, templateRef: { name: errors } }], webhooks: [{ name: ask, type: confirm-rollout, url: 'http://a/' }], alerts: [{ name: chat, providerRef: { name: chat } }], stepWeightPromotion: 20, sessionAffinity: { cookieName: c } }",
    ),
  )
  assert.equal(said.metric, undefined)
  assert.equal(left.length, 5)
  assert.match(
    left.join('\n'),
    /metrics errors are not taken[^]*webhooks ask \(confirm-rollout\) are not taken/,
  )
})

test('a match that a run cannot have is refused, and never taken for less than it is', () => {
  for (const [match, why] of [
    ['[{ headers: { a: { exact: b } } }, { headers: { c: { exact: d } } }]', /several blocks/],
    ['[{ uri: { prefix: /a } }]', /tests uri/],
    ['[{ headers: { a: { suffix: b } } }]', /tests a by suffix/],
  ] as const)
    assert.throws(
      () => analysisOf(of(`{ threshold: 1, iterations: 2, match: ${match} }`)),
      ({ code, message }: { code: string; message: string }) => code === 'refused' && why.test(message),
    )
})

test('--from-canary says its flags, and what is typed goes before them', async () => {
  const file = new URL('../../examples/flagger/canary.yaml', import.meta.url).pathname
  const run = async (line: string) =>
    runCommand(words(line), { store: new MemoryStore(readExample('catalog')) })
  const taken = await run(`run catalog v2 --from-canary ${file} --simulate good`)
  const flags = /as flags of a run: (.*)/.exec(taken.stderr)?.[1] ?? ''
  const typed = await run(`run catalog v2 ${flags} --simulate good`)
  assert.equal(taken.code, 0, taken.stderr)
  assert.equal(typed.stdout, taken.stdout)
  const fewer = await run(`run catalog v2 --from-canary ${file} --steps 1,5 --simulate good`)
  assert.match(fewer.stdout, /v2 in 1 % of cohort canary, 5 % of cohort canary, then/)
  for (const other of ['--plan plan.yaml', '--resume']) {
    const { code, stderr } = await run(`run catalog ${other} --from-canary ${file}`)
    assert.equal(code, 2, other)
    assert.match(stderr, /--from-canary cannot be used with/)
  }
})

test('a file for --from-canary has exactly one Canary with a name', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'canaries-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'canary.yaml')
  const unnamed = canary.replace('{ name: catalog-release }', '{ labels: { app: catalog } }')
  assert.notEqual(unnamed, canary)
  for (const [text, says] of [
    [unnamed, /^error: .* has no Canary of Flagger with a name/m],
    [`${canary}\n---\n${canary}`, /^error: .* has 2 Canaries of Flagger with a name/m],
    [`${canary}\n---\n${unnamed}`, /as flags of a run/],
  ] as const) {
    writeFileSync(file, text)
    const { stderr } = await runCommand(words(`run catalog v2 --from-canary ${file} --simulate good`), {
      store: new MemoryStore(readExample('catalog')),
    })
    assert.match(stderr, says)
  }
})
