/** What a command costs, in counts that are the same on every machine. A number that rises is a decision, and not an accident. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import test, { after } from 'node:test'
import { catalogue } from '../../shared/rules/catalogue.ts'
import { lintView } from '../../shared/rules/introduced.ts'
import { openManifests } from '../../shared/manifests/open-manifests.ts'
import { writeManifests } from '../bench/manifests/write-manifests.ts'
import { listOf, startFakeServer, status, type FakeServer } from '../live/api-server.ts'
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
const serve = (): Promise<FakeServer> =>
  startFakeServer(
    ({ url: { pathname } }) =>
      pathname === '/api'
        ? { body: { versions: ['v1'] } }
        : pathname === '/apis'
          ? { body: { groups: groups.map(name => ({ name, versions: [{ version: 'v1' }] })) } }
          : pathname.endsWith('/services')
            ? listOf([service])
            : pathname.endsWith('/configmaps/istio')
              ? status(404, 'NotFound', 'none')
              : listOf([]),
    { names: ['api.test', '127.0.0.1'], http2: true },
  )

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
    [['status'], 23],
    [['list'], 20],
    [['doctor'], 23],
  ] as const) {
    const { seen, connections } = await run(argv)
    assert.equal(connections, 1)
    const asked = seen.map(({ url }) => `${url.pathname}?${url.searchParams.get('labelSelector') ?? ''}`)
    assert.deepEqual(asked.toSorted(), [...new Set(asked)].toSorted())
    assert.ok(asked.length <= most, `${argv.join(' ')}: ${asked.length} requests`)
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
