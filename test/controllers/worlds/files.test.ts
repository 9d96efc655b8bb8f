import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { openStore } from '../../../plugin/open-store.ts'
import { ManifestsFolder } from '../../plugin/manifests-folder.ts'
import { runCommand, words, type Ended } from '../../plugin/run-command.ts'
import { committed, liveObjects, worldNames } from './worlds.ts'

const flagged = worldNames.filter(name => name.startsWith('flagger'))

/** Runs a line on the files of a world as people commit them. */
async function onFiles(world: string, line: string): Promise<Ended> {
  using folder = new ManifestsFolder()
  folder.write('all.yaml', committed(world))
  return await runCommand(words(`${line} -n shop -f ${folder.path}`), { store: openStore })
}

for (const world of flagged)
  test(`${world}: a Canary whose Services Flagger makes is found by every verb on its files`, async () => {
    for (const service of ['podinfo', 'podinfo-canary', '']) {
      const { code, stdout, stderr } = await onFiles(world, `status ${service}`)
      assert.equal(code, 0, stderr)
      assert.match(stdout, /Flagger: Canary shop\/podinfo owns this service/)
      assert.match(stdout, /makes Services podinfo, podinfo-primary, podinfo-canary/)
    }
    for (const service of ['podinfo', '']) {
      const { code, stdout, stderr } = await onFiles(world, `doctor ${service}`)
      assert.equal(code, 0, stderr)
      // Flagger would not take such a Service for its own.
      assert.doesNotMatch(stdout, /no Service selects|Add Service|kubectl canary init|label version/)
    }
    assert.match((await onFiles(world, 'doctor podinfo')).stdout, /Flagger makes Services podinfo, /)
    for (const edit of ['weight podinfo podinfo-canary=30', 'weight podinfo-canary=30']) {
      const { code, stderr } = await onFiles(world, edit)
      assert.equal(code, 3, stderr)
      assert.match(stderr, /belongs to Canary shop\/podinfo/)
    }
  })

test('without a route in the files the shares of a suspended Canary are set on the cluster alone', async () => {
  using folder = new ManifestsFolder()
  folder.write('all.yaml', committed('flagger-istio'))
  const run = (line: string) => runCommand(words(`${line} -n shop -f ${folder.path}`), { store: openStore })
  assert.equal((await run('pause podinfo')).code, 0)
  const { code, stderr } = await run('weight podinfo podinfo-canary=30')
  assert.equal(code, 3, stderr)
  assert.match(stderr, /no route of podinfo is here whose shares could be set/)
  assert.match(
    stderr,
    /on the cluster\. There, while it is suspended: kubectl canary weight podinfo podinfo-canary=30 -n shop$/m,
  )
  assert.doesNotMatch(stderr, /kubectl canary init/)
})

test('a Service whose route a Rollout does not know of is shown once', async () => {
  using folder = new ManifestsFolder()
  const parts = [
    '{ apiVersion: v1, kind: Service, metadata: { name: ads }, spec: { selector: { app: ads }, ports: [{ name: http, port: 80 }] } }',
    `apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: { name: ads }
spec:
  selector: { matchLabels: { app: ads } }
  template: { metadata: { labels: { app: ads } }, spec: { containers: [{ name: main, image: ads:1 }] } }
  strategy:
    canary:
      canaryMetadata: { labels: { role: canary } }
      stableMetadata: { labels: { role: stable } }
      steps: [{ setWeight: 10 }, { pause: {} }]`,
    `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: ads }
spec: { host: ads, subsets: [{ name: canary, labels: { role: canary } }, { name: stable, labels: { role: stable } }] }`,
    `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: ads }
spec:
  hosts: [ads]
  http: [{ route: [{ destination: { host: ads, subset: stable }, weight: 90 }, { destination: { host: ads, subset: canary }, weight: 10 }] }]`,
  ]
  folder.write('all.yaml', `${parts.join('\n---\n')}\n`)
  assert.equal((await folder.run('status -A')).stdout.match(/^ads in namespace/gm)?.length, 1)
  assert.equal((await folder.run('list -A')).stdout.match(/^default +ads /gm)?.length, 1)
  assert.equal((await folder.run('doctor -A')).stdout.match(/^ads /gm)?.length, 1)
})

for (const [world, service] of [
  ['flagger-istio', 'podinfo'],
  ['rollout-replicas', 'rollouts-demo'],
] as const)
  test(`${world}: the namespace of files is that of the object of the controller, where it makes all else`, async () => {
    using folder = new ManifestsFolder()
    const isOwn = (object: KubeObject): boolean => /^(Canary|Rollout)$/.test(object.kind)
    const objects = liveObjects(world).filter(isOwn)
    folder.write('all.yaml', objects.map(object => JSON.stringify(object)).join('\n---\n'))
    for (const line of [`status ${service}`, `pause ${service} --dry-run=client`, 'pause --dry-run=client']) {
      const { code, stderr } = await folder.run(line)
      assert.equal(code, 0, `${line}: ${stderr}`)
    }
    assert.match((await folder.run(`status ${service}`)).stdout, /^\S+ in namespace shop\n/)
  })

const held = {
  Canary: `apiVersion: flagger.app/v1beta1
kind: Canary
metadata: { name: ads, namespace: shop }
spec:
  targetRef: { apiVersion: apps/v1, kind: Deployment, name: ads }
  service: { port: 80 } # web
`,
  Rollout: `apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: { name: ads, namespace: shop }
spec:
  selector: { matchLabels: { app: ads } }
  template: { metadata: { labels: { app: ads } }, spec: { containers: [{ name: main, image: ads:1 }] } }
  strategy: { canary: { canaryService: ads-canary, steps: [{ setWeight: 10 }] } }
`,
}

for (const [kind, text] of Object.entries(held))
  test(`resume takes the line away again that pause wrote into the file of a ${kind}`, async () => {
    const field = kind === 'Canary' ? 'suspend' : 'paused'
    // A field that was written before, first or with a comment, gets its value back.
    for (const before of [
      text,
      text.replace('spec:\n', `spec:\n  ${field}: false\n`),
      `${text}  ${field}: false # runbook 12\n`,
      `${text}  # runbook 12\n  ${field}: false\n`,
    ]) {
      using folder = new ManifestsFolder()
      folder.write('ads.yaml', before)
      const paused = await folder.run('pause ads -n shop')
      assert.equal(paused.code, 0, paused.stderr)
      assert.match(folder.texts()['ads.yaml']!, new RegExp(`^  ${field}: true( #.*)?$`, 'm'))
      const resumed = await folder.run('resume ads -n shop')
      assert.equal(resumed.code, 0, resumed.stderr)
      assert.equal(folder.texts()['ads.yaml'], before)
    }
  })

test('resume in files names the next command for the cluster, as no order but pause and resume is for files', async () => {
  using folder = new ManifestsFolder()
  const status = 'status: {pauseConditions: [{reason: CanaryPauseStep}], stableRS: a, currentPodHash: b}'
  folder.write('ads.yaml', `${held.Rollout.trimEnd()}\n${status}\n`)
  const { stderr } = await folder.run('resume ads -n shop')
  assert.match(stderr, /To continue on the cluster: kubectl canary promote ads-canary -n shop --step$/m)
})
