import assert from 'node:assert/strict'
import type { Cluster } from '../cluster/cluster.ts'
import { clusterTests } from '../cluster/cluster-test.ts'
import { splitWords } from '../../plugin/words/shell-words.ts'
import { canary, canaryObjects, gate, progressing, succeeded } from './canary-objects.ts'
import { controllersWorld, type ControllersWorld, type SentPatch } from './controllers-world.ts'

const real = clusterTests({ crds: ['istio', 'controllers'] })

async function world(cluster: Cluster, status: object, spec: object = {}): Promise<ControllersWorld> {
  const made = await controllersWorld(cluster, canary, { 'canaries/catalog-release': status })
  const { metadata } = await made.get('canaries/catalog-release')
  await cluster.apply(canaryObjects(metadata.uid!), { namespace: made.namespace })
  for (const name of ['catalog', 'catalog-primary'])
    await made.patch(`deployments/${name}/status`, { status: { replicas: 1, readyReplicas: 1 } })
  if (Object.keys(spec).length > 0) await made.patch('canaries/catalog-release', { spec })
  return made
}

const ofSpec = (spec: object): SentPatch => ({
  at: 'canaries/catalog-release',
  type: 'merge',
  body: { spec },
})
const webhooks = (...gates: readonly object[]): object => ({ analysis: { webhooks: gates } })

/** Each verb, and the field that Flagger's documentation names for it. */
const verbs: readonly (readonly [string, string, object, SentPatch])[] = [
  ['a pause', 'pause catalog', {}, ofSpec({ suspend: true })],
  ['a pause by the name of the Canary', 'pause catalog-release', {}, ofSpec({ suspend: true })],
  ['the end of a pause', 'resume catalog', { suspend: true }, ofSpec({ suspend: false })],
  ['a promotion', 'promote catalog --full', {}, ofSpec({ skipAnalysis: true })],
  ['a promotion by the version', 'promote catalog catalog-canary', {}, ofSpec({ skipAnalysis: true })],
]

for (const [what, line, spec, patch] of verbs)
  real(`${what} sets one field of the Canary, and changes nothing else`, async cluster => {
    const { does, sent, get } = await world(cluster, progressing, spec)
    const before = await get('canaries/catalog-release')
    const route = await get('virtualservices/catalog')
    await does(line)
    assert.deepEqual(sent(), [patch])
    const after = await get('canaries/catalog-release')
    const { spec: wanted } = patch.body as { readonly spec: object }
    assert.deepEqual(Reflect.get(after, 'spec'), { ...(Reflect.get(before, 'spec') as object), ...wanted })
    assert.deepEqual(await get('virtualservices/catalog'), route)
    assert.match((await does(line)).stdout, /unchanged/)
    assert.deepEqual(sent(), [])
  })

real('a Canary that changed since it was read is read again, and never answered with 422', async cluster => {
  const { canary: run, sent, patch, before } = await world(cluster, progressing)
  before(() => patch('canaries/catalog-release', { metadata: { annotations: { somebody: 'else' } } }))
  const { code, stderr } = await run('pause catalog')
  assert.equal(code, 0, stderr)
  assert.match(stderr, /changed by someone else in the meantime; trying again/)
  assert.equal(sent().length, 2)
})

real('an abort is refused without a rollback webhook, and what it says instead is right', async cluster => {
  const { namespace, refuses, does, sent } = await world(cluster, progressing)
  const said = await refuses('abort catalog')
  assert.match(
    said,
    /goes back after failed checks, or where a webhook of type rollback says so, and it has none/,
  )
  assert.match(said, new RegExp(`kubectl rollout undo deployment/catalog -n ${namespace}`))
  const [, pause = ''] = /kubectl canary (pause \S+)/.exec(said) ?? []
  await does(pause)
  assert.deepEqual(sent(), [ofSpec({ suspend: true })])
})

const proxy = '/api/v1/namespaces/test/services/http:flagger-loadtester:80/proxy'

real('a step names the gate that is to be opened, as the load tester takes it', async cluster => {
  const { namespace, refuses } = await world(
    cluster,
    progressing,
    webhooks(gate('confirm-promotion', 'gate')),
  )
  const said = await refuses('promote catalog --step')
  const [, typed = ''] = /: (echo .*)$/m.exec(said) ?? []
  const body = JSON.stringify({ name: 'catalog-release', namespace })
  const command = ['kubectl', 'create', '--raw', `${proxy}/gate/open`, '-f', '-']
  assert.deepEqual(splitWords(typed), ['echo', body, '|', ...command])
})

real('an abort opens the gate of the rollback webhook, once it is not a dry run', async cluster => {
  const {
    namespace,
    does,
    refuses,
    canary: run,
    calls,
    hangUp,
    patch,
  } = await world(cluster, progressing, webhooks(gate('rollback', 'rollback')))
  const opening = `POST ${proxy}/rollback/open ${JSON.stringify({ name: 'catalog-release', namespace })}`
  for (const dry of ['client', 'server']) await does(`abort catalog --dry-run=${dry}`)
  assert.deepEqual(calls(), [])
  const { stdout, stderr } = await does('abort catalog')
  assert.deepEqual(calls(), [opening])
  assert.match(stdout, /goes back: the gate of its rollback webhook is opened/)
  assert.doesNotMatch(stdout, /unchanged/)
  assert.match(
    stderr,
    new RegExp(`To close it after this one: echo .* kubectl create --raw ${proxy}/rollback/close -f -`),
  )
  hangUp()
  const failed = await run('abort catalog')
  assert.equal(failed.code, 1)
  assert.match(failed.stderr, /answers 404\n.*To do it once it answers: echo/)
  await patch('canaries/catalog-release', { spec: { suspend: true } })
  assert.match(await refuses('abort catalog'), /is suspended[^]*kubectl canary resume catalog/)
})

real('what Flagger has no order for is refused with what to do', async cluster => {
  const { refuses, sent } = await world(cluster, succeeded)
  for (const [line, wanted] of [
    ['promote catalog --full', /no version is under way \(Succeeded\)/],
    ['promote catalog --step', /continues by itself after each interval/],
    ['promote catalog primary', /primary is its stable version/],
    ['retry catalog', /kubectl rollout restart deployment\/catalog/],
    ['undo catalog', /kubectl rollout undo deployment\/catalog/],
  ] as const)
    assert.match(await refuses(line), wanted, line)
  assert.deepEqual(sent(), [])
})

real('shares are set by hand while it is suspended alone, with a warning', async cluster => {
  const { refuses, does, get } = await world(cluster, progressing)
  const line = 'weight catalog catalog-canary=30'
  assert.match(await refuses(line), /suspend it first: kubectl canary pause catalog -n/)
  assert.match(await refuses('cohort internal catalog --to catalog-canary'), /spec\.analysis\.match/)
  await does('pause catalog')
  const { stderr } = await does(line)
  assert.match(stderr, /is suspended\. These shares stay until abort or resume takes them back/)
  const route = JSON.stringify(await get('virtualservices/catalog'))
  assert.match(route, /"host":"catalog-canary"},"weight":30/)
  assert.match(await refuses('cohort internal catalog --to catalog-canary'), /spec\.analysis\.match/)
  assert.match(await refuses('mirror catalog catalog-canary=10'), /spec\.analysis\.mirror/)
  assert.match(await refuses('run catalog catalog-canary --prometheus none'), /is delivered by Canary/)
})

real('outside a run the warning says that the canary has no pods', async cluster => {
  const { does, canary: run, patch } = await world(cluster, succeeded, { suspend: true })
  const { stderr } = await does('weight catalog catalog-canary=30')
  assert.match(stderr, /has scaled Deployment catalog to zero, so its canary has no pods/)
  await does('weight catalog catalog-canary=0')
  await patch('deployments/catalog/status', { status: { replicas: 0, readyReplicas: 0 } })
  const refused = await run('weight catalog catalog-canary=30')
  assert.equal(refused.code, 3, refused.stdout)
})
