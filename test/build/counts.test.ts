/** What a command costs, in counts that are the same on every machine. A number that rises is a decision, and not an accident. */
import assert from 'node:assert/strict'
import { cpSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { after } from 'node:test'
import { catalogue } from '../../shared/rules/catalogue.ts'
import { lintView } from '../../shared/rules/introduced.ts'
import { openManifests } from '../../shared/manifests/open-manifests.ts'
import { writeManifests } from '../bench/manifests/write-manifests.ts'
import {
  listOf,
  startFakeServer,
  status,
  type FakeServer,
  type Reply,
  type Seen,
} from '../live/api-server.ts'
import { clusterOf } from '../live/connection/with-connection.ts'
import { folderWith, kubeconfig } from '../live/folder.ts'
import { Built } from '../plugin/program/built.ts'

const built = await Built.make()
after(() => built.remove())

const groups = ['apps', 'coordination.k8s.io', 'discovery.k8s.io', 'networking.istio.io']
const service = {
  metadata: { name: 'catalog', namespace: 'shop' },
  spec: { selector: { app: 'catalog' }, ports: [{ name: 'http', port: 80 }] },
}
const route = {
  metadata: { name: 'catalog', namespace: 'shop' },
  spec: { hosts: ['catalog'], http: [{ route: [{ destination: { host: 'catalog' } }] }] },
}
const answer = ({ url: { pathname, searchParams } }: Seen): Reply =>
  pathname === '/api'
    ? { body: { versions: ['v1'] } }
    : pathname === '/apis'
      ? { body: { groups: groups.map(name => ({ name, versions: [{ version: 'v1' }] })) } }
      : pathname.endsWith('/services') && !searchParams.has('labelSelector')
        ? listOf([service])
        : pathname.endsWith('/virtualservices')
          ? listOf([route])
          : pathname.endsWith('/configmaps/istio')
            ? status(404, 'NotFound', 'none')
            : listOf([])

const options = { names: ['api.test', '127.0.0.1'], http2: true }
const serve = (): Promise<FakeServer> => startFakeServer(answer, options)

async function run(argv: readonly string[], times = 1): Promise<FakeServer> {
  await using server = await serve()
  await using folder = await folderWith({ config: kubeconfig(clusterOf(server, {}), { token: 't' }) })
  for (let i = 0; i < times; i++) {
    const ended = await built.run('kubectl-canary', [...argv, '-n', 'shop'], {
      env: { KUBECONFIG: join(folder.path, 'config'), HOME: folder.path },
    })
    assert.equal(ended.code, 0, ended.stderr)
  }
  return server
}

test('what a server serves is asked for again by one request, as its core group does not change', async () => {
  const [once, twice] = [await run(['status']), await run(['status'], 2)]
  assert.equal(twice.seen.length, 2 * once.seen.length - 1)
  assert.equal(twice.seen.filter(({ url }) => url.pathname === '/api').length, 1)
})

test('a command opens one connection, and asks for no kind twice', async () => {
  for (const [argv, most] of [
    [['status'], 25],
    [['list'], 22],
    [['doctor'], 23],
  ] as const) {
    const { seen, connections } = await run(argv)
    assert.equal(connections, 1)
    const asked = seen.map(({ url }) => `${url.pathname}?${url.searchParams.get('labelSelector') ?? ''}`)
    assert.deepEqual(asked.toSorted(), [...new Set(asked)].toSorted())
    assert.ok(asked.length <= most, `${argv.join(' ')}: ${asked.length} requests`)
  }
})

/** Nobody is answered while requests still come: what is asked for at once is a round. */
class Rounds {
  readonly paths: string[][] = []
  #waiting: (() => void)[] = []
  #timer: NodeJS.Timeout | undefined
  readonly answer = async (seen: Seen): Promise<Reply> => {
    if (this.#waiting.length === 0) this.paths.push([])
    this.paths.at(-1)!.push(seen.url.pathname)
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      const waiting = this.#waiting
      this.#waiting = []
      for (const go of waiting) go()
    }, 700)
    await new Promise<void>(go => this.#waiting.push(go))
    return answer(seen)
  }
}

test('a live status waits twice at most, and asks for its own records at once', async () => {
  const rounds = new Rounds()
  await using server = await startFakeServer(rounds.answer, options)
  await using folder = await folderWith({ config: kubeconfig(clusterOf(server, {}), { token: 't' }) })
  const env = { KUBECONFIG: join(folder.path, 'config'), HOME: folder.path }
  for (const words of ['status', 'status catalog'])
    assert.equal((await built.run('kubectl-canary', [...words.split(' '), '-n', 'shop'], { env })).code, 0)
  assert.equal(rounds.paths.length, 4, JSON.stringify(rounds.paths))
  for (const first of [rounds.paths[0]!, rounds.paths[2]!])
    for (const plural of ['virtualservices', 'controllerrevisions', 'leases'])
      assert.ok(
        first.some(path => path.endsWith(`/${plural}`)),
        plural,
      )
})

/** Counts, of the bundle, what is loaded and which functions are called; and notes Node's own modules. */
const counting = `import fs from 'node:fs'
import { Session } from 'node:inspector'
const session = new Session()
session.connect()
session.post('Profiler.enable')
session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false })
process.on('exit', () => session.post('Profiler.takePreciseCoverage', (_, { result }) => {
  const files = result.filter(({ url }) => url.includes('/bin/canary/'))
  const counts = files.flatMap(({ functions }) => functions.map(({ ranges: [{ count }] }) => count)).filter(count => count > 0)
  fs.writeFileSync(process.env.COUNTS, JSON.stringify({
    files: files.length,
    bytes: files.reduce((sum, { url }) => sum + fs.statSync(new URL(url.startsWith('/') ? 'file://' + url : url)).size, 0),
    functions: counts.length,
    calls: counts.reduce((sum, count) => sum + count, 0),
    builtins: process.moduleLoadList,
  }))
}))
`

interface Counts {
  readonly files: number
  readonly bytes: number
  readonly functions: number
  readonly calls: number
  readonly builtins: readonly string[]
}

async function countsOf(argv: readonly string[]): Promise<Counts> {
  await using folder = await folderWith({ 'counting.mjs': counting, counts: '' })
  const { code, stderr } = await built.run('kubectl-canary', argv, {
    env: {
      NODE_OPTIONS: `--import ${join(folder.path, 'counting.mjs')}`,
      NODE_DISABLE_COMPILE_CACHE: '1',
      COUNTS: join(folder.path, 'counts'),
    },
  })
  assert.equal(code, 0, stderr)
  return JSON.parse(readFileSync(join(folder.path, 'counts'), 'utf8')) as Counts
}

/** Start-up code of the inspector, of which the count itself rests on, loads streams: what is looked for is opened by output alone. */
const outputModule = /^NativeModule (tty|internal\/fs\/sync_write_stream)$/

test('a small edit and a look at files load and call no more than they did', async () => {
  // In a repository, an edit also looks for patches of Argo CD and Flux.
  await using folder = await folderWith({})
  const examples = join(folder.path, 'catalog')
  cpSync(join(import.meta.dirname, '../../examples/catalog'), examples, { recursive: true })
  for (const [argv, most] of [
    [
      ['cohort', 'internal', '--to', 'v2', '-f', examples, '--dry-run=client'],
      { files: 27, bytes: 1_560_000, functions: 2_545, calls: 49_300 },
    ],
    [['status', '-f', examples], { files: 27, bytes: 1_200_000, functions: 1_720, calls: 18_700 }],
  ] as const) {
    const { builtins, ...counts } = await countsOf(argv)
    assert.deepEqual(
      builtins.filter(name => outputModule.test(name)),
      [],
    )
    for (const [name, count] of Object.entries(counts) as [keyof typeof most, number][])
      assert.ok(count > 0 && count <= most[name], `${argv[0]}: ${count} ${name}, ${most[name]} at most`)
  }
})

/** What it costs to judge a folder of so many Services, as the rules' meter counts it: each question by how long its answer is. */
async function costOf(services: number): Promise<number> {
  await using folder = await folderWith({})
  writeManifests(folder.path, services)
  const store = await openManifests({ paths: [folder.path] })
  const { view } = await store.read({ namespaces: '*' })
  let cost = 0
  const findings = lintView(
    {
      rules: catalogue,
      settings: { complete: false, relativeWeights: false },
      meter: () => more => (cost += more),
    },
    view,
  )
  assert.deepEqual(findings, [])
  return cost
}

test('the cost of judging a folder grows with its objects, and not faster', async () => {
  const [few, many] = [await costOf(40), await costOf(160)]
  assert.ok(many < 4.2 * few, `${few} for 40 Services, ${many} for 160`)
  assert.ok(few / 40 < 300, `${few / 40} for each Service`)
})
