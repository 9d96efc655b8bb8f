import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { openStore } from '../../plugin/open-store.ts'
import { ManifestsFolder } from './manifests-folder.ts'
import { MemoryStore, readExample } from './memory-store.ts'
import { runCommand, words } from './run-command.ts'

const workload = (version: string) => `---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web-${version}}
spec:
  selector: {matchLabels: {app: web, version: ${version}}}
  template: {metadata: {labels: {app: web, version: ${version}}}}
`
const service = (name: string, selector = `{app: ${name}}`) => `---
apiVersion: v1
kind: Service
metadata: {name: ${name}}
spec: {selector: ${selector}, ports: [{name: http, port: 80}]}
`
const unrouted = service('web') + workload('v1') + workload('v10') + workload('v2')

/** The commands in a message, each of which is run in turn on its own copy of the files. */
async function offered(line: string, text: string) {
  using folder = new ManifestsFolder()
  folder.write('all.yaml', text)
  const file = `${folder.path}/all.yaml`
  const { code, stderr } = await runCommand(words(`${line} -f ${file}`), { store: openStore })
  const commands = [...stderr.matchAll(/kubectl canary (.*)$/gm)].map(([, command]) => command!)
  const outcomes = []
  for (const command of commands) {
    folder.write('all.yaml', text)
    outcomes.push((await runCommand(words(command), { store: openStore })).code)
  }
  return { code, stderr, commands: commands.map(one => one.replace(file, 'FILE')), outcomes }
}

describe('a command that lacks a word', () => {
  it('of init lists the versions, each as the whole command with the flags that were typed', async () => {
    for (const line of ['init', 'init web', 'init svc/web']) {
      const { code, commands, outcomes } = await offered(`${line} -n default`, unrouted)
      assert.equal(code, 2)
      assert.deepEqual(
        commands,
        ['v1', 'v2', 'v10'].map(version => `init web --stable ${version} -n default -f FILE`),
      )
      assert.deepEqual(outcomes, [0, 0, 0])
    }
  })
  it('is whole with the Service and the versions that are there', async () => {
    const routed = unrouted.replaceAll('v10', 'v3')
    using folder = new ManifestsFolder()
    folder.write('all.yaml', routed)
    await runCommand(words(`init web --stable v1 -f ${folder.path}/all.yaml`), { store: openStore })
    const text = folder.texts()['all.yaml']!
    for (const [line, expected] of [
      ['weight', ['weight web v2=10 -f FILE', 'weight web v3=10 -f FILE']],
      ['weight web', ['weight web v2=10 -f FILE', 'weight web v3=10 -f FILE']],
      ['weight v2', ['weight web v2=10 -f FILE']],
      ['promote', ['promote web v2 -f FILE', 'promote web v3 -f FILE']],
      ['promote svc/web', ['promote web v2 -f FILE', 'promote web v3 -f FILE']],
      ['promote web', ['promote web v2 -f FILE', 'promote web v3 -f FILE']],
      [
        'cohort beta --header x=y',
        ['cohort beta web --to v2 --header x=y -f FILE', 'cohort beta web --to v3 --header x=y -f FILE'],
      ],
    ] as const) {
      const { code, commands, outcomes, stderr } = await offered(line, text)
      assert.ok(code === 2 || line === 'promote web', stderr)
      assert.deepEqual(commands, expected, line)
      assert.deepEqual(new Set(outcomes), new Set([0]), line)
    }
  })
})

describe('a command that lacks a word and cannot be made whole', () => {
  it('names what is not there', async () => {
    for (const line of ['weight nope', 'init nope', 'promote svc/nope']) {
      const { stderr } = await offered(line, unrouted)
      assert.match(stderr, /^error: .*\n {2}No Service nope in namespace default\.\n {2}Services: web\./)
    }
  })
  it('has an example where nothing can be read, and waits for no cluster that does not answer', async () => {
    for (const [line, example] of [
      ['promote', 'promote catalog v2'],
      ['weight -n shop', 'weight catalog v2=10 -n shop'],
      ['weight web', 'weight web v2=10'],
      ['init web', 'init web --stable v1'],
      ['cohort beta', 'cohort beta catalog --to v2'],
    ] as const) {
      let patience: string | undefined
      const { code, stderr } = await runCommand(words(line), {
        store: async flags => {
          patience = flags.connection.requestTimeout
          throw new Error('connect ECONNREFUSED')
        },
      })
      assert.equal(code, 2)
      assert.ok(stderr.endsWith(`For example: kubectl canary ${example}\n`), stderr)
      assert.equal(patience, '2s')
    }
  })
})

describe('a Service without a route', () => {
  for (const [line, expected] of [
    ['weight v2=10', ['v1', 'v10']],
    ['cohort beta --to v1', ['v2', 'v10']],
    ['promote web v2', ['v2']],
    ['abort web', ['v1', 'v2', 'v10']],
  ] as const)
    it(`gets one by a command with a real version: ${line}`, async () => {
      const { commands, outcomes } = await offered(line, unrouted)
      // The way without a mesh, where that is possible, is one more.
      assert.deepEqual(
        commands.filter(command => !command.endsWith(' --provider deployment')),
        expected.map(version => `init web --stable ${version} -n default -f FILE`),
      )
      assert.deepEqual(new Set(outcomes), new Set([0]))
    })
})

describe('the Service of the API server', () => {
  const apiServer = service('kubernetes').replace('selector: {app: kubernetes}, ', '')
  it('is never taken for the one that is meant, nor listed', async () => {
    for (const line of ['weight v2=10', 'promote v2', 'init --stable v1', 'abort']) {
      const { stderr } = await offered(line, apiServer)
      assert.doesNotMatch(stderr, /kubernetes/, line)
    }
    const { stderr } = await offered('weight nope v2=10', apiServer + unrouted)
    assert.match(stderr, /Services: web\./)
  })
  it('may be named, and one with pods is like any other', async () => {
    assert.match((await offered('status kubernetes', apiServer)).stderr, /^$|kubernetes/)
    const own = unrouted.replaceAll('web', 'kubernetes')
    assert.deepEqual((await offered('init', own)).outcomes, [0, 0, 0])
  })
})

it('a cohort on some routes says which, to everyone who is told of it', async () => {
  using folder = new ManifestsFolder()
  const file = `${folder.path}/all.yaml`
  const to = '[{destination: {host: web, subset: v1}}]'
  folder.write(
    'all.yaml',
    unrouted
      + `---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: web}
spec: {host: web, subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web}
spec: {hosts: [web], http: [{match: [{uri: {prefix: /api}}], route: ${to}}, {route: ${to}}]}
`,
  )
  const edit = await runCommand(words(`cohort beta --to v2 --route /api -f ${file}`), { store: openStore })
  assert.match(
    edit.stdout,
    /^web: cohort beta \(x-istio-cohort: beta on \/api\*\) → v2; everyone else → v1$/m,
  )
  for (const command of ['status', 'cohorts'])
    assert.match(
      (await runCommand(words(`${command} -f ${file}`), { store: openStore })).stdout,
      /x-istio-cohort: beta on \/api\*/,
    )
})

it('versions behind a Service on a cluster are offered, too', async () => {
  const store = new MemoryStore(readExample('catalog'))
  const { stderr } = await runCommand(words('weight catalog'), { store })
  assert.match(stderr, /For example: kubectl canary weight catalog v2=10\n$/)
})
