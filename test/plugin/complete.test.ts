import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import test from 'node:test'
import { run } from '../../plugin/complete/complete.ts'
import { scripts } from '../../plugin/commands/completion/scripts.ts'
import { openStore, type OpenStore } from '../../plugin/open-store.ts'
import type { KubeObject } from '../../shared/objects/kube-object.ts'
import { ManifestsFolder } from './manifests-folder.ts'
import { MemoryStore, readExample } from './memory-store.ts'
import { runCommand, streamsOf, words } from './run-command.ts'

/** What is proposed for a line whose last word, maybe empty, is being typed; and the directive. */
async function propose(
  line: string,
  store: MemoryStore | OpenStore = new MemoryStore(readExample('catalog')),
): Promise<{ readonly values: readonly string[]; readonly directive: number }> {
  const written = { stdout: '', stderr: '' }
  const code = await run(line.split(' '), streamsOf({}, written), {
    openStore: typeof store === 'function' ? store : async () => store,
  })
  assert.equal(code, 0)
  assert.equal(written.stderr, '')
  const lines = written.stdout.trimEnd().split('\n')
  return {
    values: lines.slice(0, -1).map(text => text.split('\t')[0] ?? ''),
    directive: Number(lines.at(-1)?.slice(1)),
  }
}

const noFiles = 4
const files = 0
const openNoFiles = 6

for (const [line, values, directive] of [
  ['coh', ['cohort', 'cohorts'], noFiles],
  ['-n shop prom', ['promote'], noFiles],
  ['help wei', ['weight'], noFiles],
  ['weight --for', ['--force'], noFiles],
  ['weight --name', ['--namespace'], noFiles],
  ['cohort internal --to ', ['v1', 'v2'], noFiles],
  ['cohort internal --to=v', ['--to=v1', '--to=v2'], noFiles],
  ['promote ', ['v1', 'v2', 'catalog', 'webapp'], noFiles],
  ['promote catalog ', ['v1', 'v2'], noFiles],
  ['promote svc/', ['svc/catalog', 'svc/webapp'], noFiles],
  ['promote --service catalog ', ['v1', 'v2', 'catalog', 'webapp'], noFiles],
  ['promote v2 ', [], noFiles],
  ['weight ', ['v1=', 'v2=', 'catalog', 'webapp'], noFiles],
  ['weight c', ['catalog'], noFiles],
  ['weight catalog ', ['v1=', 'v2='], openNoFiles],
  ['weight catalog v2=5 ', ['v1='], openNoFiles],
  ['status ', ['catalog', 'webapp'], noFiles],
  ['abort c', ['catalog'], noFiles],
  ['init ', ['catalog', 'webapp'], noFiles],
  ['cohort internal ', ['catalog', 'webapp'], noFiles],
  ['status catalog ', [], noFiles],
  ['weight v2=10,', ['v2=10,v1='], openNoFiles],
  ['status --service c', ['catalog'], noFiles],
  [
    'status -o ',
    [
      'custom-columns=',
      'dot',
      'json',
      'jsonpath-as-json=',
      'jsonpath=',
      'mermaid',
      'name',
      'svg',
      'wide',
      'yaml',
    ],
    noFiles,
  ],
  [
    'weight v2=10 -o ',
    ['custom-columns=', 'json', 'jsonpath-as-json=', 'jsonpath=', 'name', 'yaml'],
    noFiles,
  ],
  ['weight v2=10 -o c', ['custom-columns='], openNoFiles],
  [
    'lint -o ',
    ['custom-columns=', 'github', 'json', 'jsonpath-as-json=', 'jsonpath=', 'junit', 'sarif'],
    noFiles,
  ],
  ['version -o j', ['json', 'jsonpath-as-json=', 'jsonpath='], noFiles],
  ['status --dry', [], noFiles],
  ['completion --out', [], noFiles],
  ['lint ', [], files],
  ['lint --severity ', ['error', 'info', 'warning'], noFiles],
  ['init catalog --stable v1 --gateway ', ['catalog-gateway', 'mesh'], noFiles],
  ['status --client-key ', [], files],
  ['lint --disable weights', ['weights-sum-to-100', 'weights-sum-to-zero'], noFiles],
  ['lint --disable=weights-sum-to-100,unnamed', ['--disable=weights-sum-to-100,unnamed-port'], noFiles],
  ['weight v2=10 --dry-run=', ['--dry-run=client', '--dry-run=none', '--dry-run=server'], noFiles],
  ['rules ', ['explain'], noFiles],
  ['rules explain weights', ['weights-sum-to-100', 'weights-sum-to-zero'], noFiles],
  ['rules explain weights-sum-to-100 ', [], noFiles],
  ['weight v2=10 ', ['v1='], openNoFiles],
  ['init --stable ', ['v1', 'v2'], noFiles],
  ['abort --stable=', ['--stable=v1', '--stable=v2'], noFiles],
  ['status --kubeconfig ', [], files],
  ['status -f ', [], files],
  ['completion z', ['zsh'], noFiles],
  ['nonsense ', [], noFiles],
  ['weight --nonsense ', ['v1=', 'v2=', 'catalog', 'webapp'], noFiles],
] as const) {
  test(`proposes what may follow "${line}"`, async () =>
    assert.deepEqual(await propose(line), { values, directive }))
}

test('proposes the cohorts that there are', async () => {
  const store = new MemoryStore(readExample('catalog'))
  await runCommand(words('cohort internal --to v2'), { store })
  assert.deepEqual((await propose('cohort ', store)).values, ['internal'])
})

test('proposes the contexts, clusters and users of the kubeconfig, without asking a cluster', async () => {
  using folder = new ManifestsFolder()
  folder.write(
    'config',
    JSON.stringify({
      contexts: [{ name: 'prod' }, { name: 'dev' }],
      clusters: [{ name: 'prod-eu' }],
      users: [{ name: 'me' }],
    }),
  )
  const unreachable: OpenStore = async () => assert.fail('a store is opened')
  const config = `--kubeconfig ${folder.path}/config`
  for (const [line, values] of [
    [`status ${config} --context `, ['dev', 'prod']],
    [`${config} weight --context=p`, ['--context=prod']],
    [`lint ${config} --cluster `, ['prod-eu']],
    [`status ${config} --user `, ['me']],
    [`status --kubeconfig /nonexistent --context `, []],
  ] as const)
    assert.deepEqual(await propose(line, unreachable), { values, directive: noFiles }, line)
})

test('proposes the routes and VirtualServices that --route and --virtual-service take', async () => {
  const http = [
    { name: 'admin', match: [{ uri: { prefix: '/admin' } }], route: [{ destination: { host: 'catalog' } }] },
    { match: [{ uri: { prefix: '/items' } }], route: [{ destination: { host: 'catalog' } }] },
    { route: [{ destination: { host: 'catalog' } }] },
  ]
  const metadata = (name: string, namespace = 'shop') => ({ name, namespace })
  const objects: readonly (KubeObject & { readonly spec: unknown })[] = [
    { apiVersion: 'v1', kind: 'Service', metadata: metadata('catalog'), spec: { ports: [{ port: 80 }] } },
    { apiVersion: 'v1', kind: 'Service', metadata: metadata('cart'), spec: { ports: [{ port: 80 }] } },
    ...['catalog', 'cart'].map(name => ({
      apiVersion: 'networking.istio.io/v1',
      kind: 'VirtualService',
      metadata: metadata(`${name}-routes`),
      spec: {
        hosts: [name],
        http: name === 'catalog' ? http : [{ route: [{ destination: { host: 'cart' } }] }],
      },
    })),
  ]
  const store = new MemoryStore(objects, { namespace: 'shop' })
  for (const [line, values] of [
    ['weight catalog v2=10 --route ', ['/items', 'admin', 'http[2]']],
    ['promote catalog v2 --route=a', ['--route=admin']],
    ['cohort internal catalog --virtual-service ', ['catalog-routes']],
    ['abort --virtual-service c', ['cart-routes', 'catalog-routes']],
  ] as const)
    assert.deepEqual(await propose(line, store), { values, directive: noFiles }, line)
  // What is proposed is what the command takes.
  for (const { values } of [await propose('weight catalog v2=10 --route ', store)])
    for (const value of values) {
      const argv = ['weight', 'catalog', 'v2=10', '--stable', 'v1', '--route', value]
      assert.doesNotMatch((await runCommand(argv, { store })).stderr, /no route to the Service is called/)
    }
})

test('proposes the gateways of other namespaces with their namespace', async () => {
  const store = new MemoryStore(readExample('catalog'), { namespace: 'shop' })
  assert.deepEqual((await propose('init --gateway=istio', store)).values, [
    '--gateway=istioinaction/catalog-gateway',
  ])
})

test('proposes the namespaces of the cluster, or those of the objects in files', async () => {
  const cluster = new MemoryStore(
    ['shop', 'web'].map(name => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })),
    { namespace: 'gone' },
  )
  for (const line of ['status -n ', 'weight v2=10 --namespace ', 'lint -n '])
    assert.deepEqual(await propose(line, cluster), { values: ['shop', 'web'], directive: noFiles })
  const folder = new URL('../../examples/catalog', import.meta.url).pathname
  assert.deepEqual((await propose(`status -f ${folder} -n `, openStore)).values, ['istioinaction'])
})

test('an empty line proposes every command with its summary', async () => {
  const written = { stdout: '', stderr: '' }
  const openStore: OpenStore = async () => {
    throw new Error('no store is needed')
  }
  await run([''], streamsOf({}, written), { openStore })
  assert.match(written.stdout, /^weight\tsend a share of all requests to a version$/m)
})

test('a cluster that does not answer leaves the names out, without a word', async () => {
  const unreachable: OpenStore = async () => {
    throw new Error('connect ECONNREFUSED')
  }
  assert.deepEqual(await propose('promote ', unreachable), { values: [], directive: noFiles })
})

test('the cluster is asked with little patience', async () => {
  let patience: string | undefined
  await propose('promote ', async flags => {
    patience = flags.connection.requestTimeout
    throw new Error('enough')
  })
  assert.equal(patience, '2s')
})

test('the bash script is one that bash can read', () => {
  execFileSync('bash', ['-n'], { input: scripts.bash })
})
