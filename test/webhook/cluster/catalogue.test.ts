import assert from 'node:assert/strict'
import { dirname } from 'node:path'
import { catalogue } from '../../../shared/rules/catalogue.ts'
import { ensureAssets } from '../../cluster/assets.ts'
import type { Outcome } from '../../cluster/cluster.ts'
import { clusterTests } from '../../cluster/cluster-test.ts'
import { guarded, type Guarded } from './guarded.ts'
import { all, destinationRule, route, service } from './manifests.ts'

const real = clusterTests()

const deployment = (version: string, labels = `app: catalog, version: ${version}`): string => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: catalog-${version} }
spec:
  selector: { matchLabels: { app: catalog, name: catalog-${version} } }
  template:
    metadata: { labels: { name: catalog-${version}, ${labels} } }
    spec: { containers: [{ name: c, image: c }] }
`
const routed = [service, deployment('v1'), deployment('v2'), destinationRule(['v1', 'v2']), route(90, 10)]

interface Scene {
  readonly namespace: string
  readonly guard: Guarded
  /** kubectl in the namespace of the test. */
  readonly kubectl: (args: string, stdin?: string) => Promise<Outcome>
  /** A command line, in which `kubectl` is the cluster's. */
  readonly shell: (command: string) => Promise<void>
  readonly refused: (rule: string, args: string, stdin?: string) => Promise<string>
  readonly taken: (args: string, stdin?: string) => Promise<void>
}

/** One test with the guard's real rules, in a namespace where a canary is routed and nothing is wrong. */
function routedTest(title: string, body: (scene: Scene) => Promise<void>): void {
  real(title, async cluster => {
    const namespace = await cluster.namespace()
    await cluster.apply(all(...routed), { namespace })
    await using guard = await guarded(cluster, { rules: catalogue })
    const kubectl = (args: string, stdin = ''): Promise<Outcome> => cluster.kubectl([...args.split(' '), '-n', namespace], { stdin })
    await body({
      namespace, guard, kubectl,
      shell: async command => {
        const { code, stderr } = await cluster.run('sh', ['-c', `PATH="${dirname((await ensureAssets(['kubectl'])).kubectl)}:$PATH"; ${command}`])
        assert.equal(code, 0, `${command}\n${stderr}`)
      },
      refused: async (rule, args, stdin) => {
        const { code, stderr } = await kubectl(args, stdin)
        assert.equal(code, 1, `${args} was taken`)
        assert.ok(stderr.includes(`[${rule}] `), stderr)
        return stderr
      },
      taken: async (args, stdin) => {
        const { code, stderr } = await kubectl(args, stdin)
        assert.equal(code, 0, stderr)
      },
    })
  })
}

routedTest('a sound canary is applied without a word', async ({ kubectl }) => {
  const { code, stderr } = await kubectl('apply -f -', all(...routed.slice(0, 4), route(80, 20)))
  assert.deepEqual([code, stderr], [0, ''])
})

routedTest('routes that would break are refused', async ({ refused }) => {
  await refused('weights-sum-to-100', 'apply -f -', route(90, 20))
  await refused('undefined-subset', 'apply -f -', route(90, 10).replace('subset: v2', 'subset: v9'))
})

routedTest('each change that would break a route from behind is refused, with the finding on what would break', async ({ namespace, refused }) => {
  const onRoute = `VirtualService ${namespace}/catalog`
  assert.ok((await refused('undefined-subset', 'apply -f -', destinationRule(['v1']))).includes(onRoute))
  assert.ok((await refused('subset-without-destination-rule', 'delete destinationrule catalog')).includes(onRoute))
  assert.ok((await refused('http-route-on-non-http-port', 'apply -f -', service.replace('name: http', 'name: tcp-web'))).includes(onRoute))
  await refused('http-route-on-non-http-port', 'apply -f -', service.replace('name: http, port: 80', 'name: tcp, port: 80'))
  await refused('subset-matches-no-workload', 'apply -f -', deployment('v2', 'app: catalog, version: v3'))
  await refused('missing-version-label', 'apply -f -', deployment('v2', 'app: catalog'))
  await refused('missing-version-label', 'apply -f -', deployment('v3', 'app: catalog'))
})

/** Sends a change, runs the commands that refusals name as they stand, and sends it again until it is taken; returns the rules that refused it. */
async function mended({ kubectl, shell }: Scene, args: string, stdin: string): Promise<readonly string[]> {
  const rules: string[] = []
  for (let i = 0; i < 4; i++) {
    const { code, stderr } = await kubectl(args, stdin)
    if (code === 0) return rules
    rules.push(...[...stderr.matchAll(/^\[(.*?)\] /gm)].map(([, rule]) => rule!))
    const commands = [...stderr.matchAll(/To mend it: (.*kubectl .*)$/gm)].map(([, command]) => command!)
    assert.notEqual(commands.length, 0, stderr)
    for (const command of new Set(commands)) await shell(command)
  }
  throw new Error(`still refused after ${rules.join()}`)
}

routedTest('the mend that a message names, followed literally, succeeds: a subset is added', async scene => {
  await scene.taken('apply -f -', deployment('v3'))
  assert.deepEqual(await mended(scene, 'apply -f -', route(90, 10).replace('subset: v2', 'subset: v3')), ['undefined-subset'])
})

routedTest('the mend that a message names, followed literally, succeeds: a DestinationRule is made', async scene => {
  await scene.taken('delete virtualservice catalog')
  await scene.taken('delete destinationrule catalog')
  const rules = new Set(await mended(scene, 'apply -f -', route(90, 10)))
  assert.equal(rules.has('subset-without-destination-rule'), true)
})

routedTest('the mend that a message names, followed literally, succeeds: a port says its protocol', async scene => {
  assert.deepEqual(await mended(scene, 'apply -f -', service.replace('name: http', 'name: tcp-web')), ['http-route-on-non-http-port'])
})

routedTest('the mend that a message names, followed literally, succeeds: weights are set', async ({ refused, taken }) => {
  const stderr = await refused('weights-sum-to-100', 'apply -f -', route(90, 20))
  const [, weight = ''] = /To mend it: Set spec\.http\[0\]\.route\[1\]\.weight: (\d+)\.$/m.exec(stderr) ?? []
  await taken('apply -f -', route(90, Number(weight)))
})

routedTest('the mend that a message names, followed literally, succeeds: a label is added to the template', async ({ refused, taken }) => {
  const stderr = await refused('missing-version-label', 'apply -f -', deployment('v3', 'app: catalog'))
  const [, key = '', value = ''] = /"labels":\{"(\w+)":"(\w+)"\}/.exec(stderr) ?? []
  await taken('apply -f -', deployment('v3', `app: catalog, ${key}: ${value}`))
})

routedTest('what is taken apart in Helm\'s order, or route first, goes without a refusal', async ({ taken }) => {
  await taken('delete service catalog')
  await taken('delete deployment catalog-v1 catalog-v2')
  await taken('delete destinationrule catalog')
  await taken('delete virtualservice catalog')
  await taken('apply -f -', all(...routed))
  for (const object of ['virtualservice catalog', 'destinationrule catalog', 'deployment catalog-v1', 'deployment catalog-v2', 'service catalog']) await taken(`delete ${object}`)
})

const scaledToNothing = deployment('v1').replace('spec:', 'spec:\n  replicas: 0')

routedTest('what is taken apart in any order is held up by no workload', async ({ kubectl, taken }) => {
  await taken('scale deployment catalog-v2 --replicas=0')
  await taken('apply -f -', scaledToNothing)
  const { code, stderr } = await kubectl('delete deployment catalog-v1')
  assert.equal(code, 0, stderr)
  await taken('delete deployment catalog-v2')
  await taken('apply -f -', all(...routed))
  const gone = await kubectl('delete deployment catalog-v2')
  assert.deepEqual([gone.code, /^Warning: subset-matches-no-workload: VirtualService /m.test(gone.stderr)], [0, true], gone.stderr)
})

routedTest('a weight step and a rollback take no part in faults that stood there before', async ({ taken, guard }) => {
  const metadata = 'annotations: { kubectl-canary/exempt: "undefined-subset: test" }'
  await taken('apply -f -', route(90, 10, { metadata }))
  await taken('apply -f -', destinationRule(['v1']))
  await taken('apply -f -', route(90, 10))
  await taken('apply -f -', route(80, 20))
  assert.equal(guard.decisions('catalog').at(-1)?.['verdict'], 'warned')
})
