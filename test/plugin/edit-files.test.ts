import assert from 'node:assert/strict'
import { chmodSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { parse } from 'yaml'
import { openStore } from '../../plugin/open-store.ts'
import type { VirtualService } from '../../shared/objects/virtual-service.ts'
import { ManifestsFolder } from './manifests-folder.ts'
import { runCommand, words } from './run-command.ts'

interface Route {
  readonly name?: string
  readonly match?: readonly { readonly headers?: Readonly<Record<string, { readonly exact?: string }>> }[]
  readonly route?: readonly { readonly destination: object }[]
}

test('a cohort goes to its version at the gateway and in the mesh, and removing it restores the bytes', async () => {
  using folder = new ManifestsFolder('catalog')
  const before = folder.texts()
  const set = await folder.run('cohort internal --to v2')
  assert.equal(set.code, 0, set.stderr)
  assert.match(
    set.stdout,
    /^catalog: cohort internal \(x-istio-cohort: internal\) → v2; everyone else → v1\n/,
  )
  assert.match(
    set.stdout,
    /virtualservice\.networking\.istio\.io\/catalog configured in .*catalog-mesh\.yaml\n/,
  )
  assert.match(
    set.stdout,
    /virtualservice\.networking\.istio\.io\/catalog-vs-from-gw configured in .*catalog-gateway\.yaml\n/,
  )
  const removed = await folder.run('cohort internal --remove')
  assert.equal(removed.code, 0, removed.stderr)
  assert.deepEqual(folder.texts(), before)
})

test('weights beside a cohort are 90/10 in both routes, comments kept', async () => {
  using folder = new ManifestsFolder('catalog')
  await folder.run('cohort internal --to v2')
  const { code, stdout } = await folder.run('weight v2=10')
  assert.equal(code, 0)
  assert.match(stdout, /cohort internal \(x-istio-cohort: internal\) → v2; everyone else → v1 90 %, v2 10 %/)
  const {
    'catalog-gateway.yaml': gateway = '',
    'catalog-mesh.yaml': mesh = '',
    'catalog.yaml': rest,
  } = folder.texts()
  for (const text of [gateway, mesh])
    assert.deepEqual(
      [...text.matchAll(/weight: (\d+)/g)].map(([, weight]) => weight),
      ['90', '10'],
    )
  assert.match(gateway, /^# How the world reaches the catalogue\.\n/)
  assert.match(gateway, /istio: ingressgateway # the mesh's own ingress gateway\n/)
  assert.equal(rest, readFileSync(join(import.meta.dirname, '../../examples/catalog/catalog.yaml'), 'utf8'))
})

test('the same command twice changes nothing the second time and says so', async () => {
  using folder = new ManifestsFolder('catalog')
  for (const line of ['cohort internal --to v2', 'weight v2=10', 'promote v2', 'abort']) {
    await folder.run(line)
    const texts = folder.texts()
    const { code, stdout } = await folder.run(line, { now: new Date('2026-08-05T12:00:00Z') })
    assert.equal(code, 0, line)
    assert.match(stdout, /catalog unchanged$/m, line)
    assert.doesNotMatch(stdout, /configured/, line)
    assert.deepEqual(folder.texts(), texts, line)
  }
})

test('a dry run shows the difference and writes nothing', async () => {
  using folder = new ManifestsFolder('catalog')
  const before = folder.texts()
  const { code, stdout } = await folder.run('weight v2=10 --dry-run=client')
  assert.equal(code, 0)
  assert.match(stdout, /configured in .* \(dry run\)\n/)
  assert.match(stdout, /^@@ .*@@/m)
  assert.match(stdout, /^\+ +weight: 90$/m)
  assert.deepEqual(folder.texts(), before)
})

test('a server dry run with files is a usage error', async () => {
  using folder = new ManifestsFolder('catalog')
  const { code, stderr } = await folder.run('weight v2=10 --dry-run=server')
  assert.equal(code, 2)
  assert.match(stderr, /^error: --dry-run=server cannot be used with --filename\n {2}Use --dry-run=client/)
})

test('-o json, yaml and name print the resulting objects alone on stdout, the talk on stderr', async () => {
  using folder = new ManifestsFolder('catalog')
  const json = await folder.run('weight v2=10 -o json --dry-run=client')
  const list = JSON.parse(json.stdout) as {
    readonly kind: string
    readonly items: readonly {
      readonly spec: { readonly http: readonly { readonly route: readonly { readonly weight: number }[] }[] }
    }[]
  }
  assert.equal(list.kind, 'List')
  assert.deepEqual(
    list.items.map(({ spec }) => spec.http[0]?.route.map(({ weight }) => weight)),
    [
      [90, 10],
      [90, 10],
    ],
  )
  assert.match(json.stderr, /everyone → v1 90 %, v2 10 %/)
  assert.deepEqual(parse((await folder.run('weight v2=10 -o yaml --dry-run=client')).stdout), list)
  const name = await folder.run('weight v2=10 -o name')
  assert.deepEqual(name.stdout.trim().split('\n').sort(), [
    'virtualservice.networking.istio.io/catalog',
    'virtualservice.networking.istio.io/catalog-vs-from-gw',
  ])
})

test('-f - reads documents and prints the edited ones alone', async () => {
  using folder = new ManifestsFolder('catalog')
  const stdin = Object.values(folder.texts()).join('---\n')
  const { code, stdout, stderr } = await runCommand(words('weight v2=10 -f -'), { store: openStore, stdin })
  assert.equal(code, 0, stderr)
  assert.equal(stdout.replaceAll(/\n +weight: \d+/g, '').length < stdout.length, true)
  assert.match(stdout, /^# How the world reaches/m)
  assert.match(stderr, /everyone → v1 90 %, v2 10 %/)
  assert.doesNotMatch(stdout, /configured/)
  const again = await runCommand(words('weight v2=10 -f -'), { store: openStore, stdin: stdout })
  assert.equal(again.stdout, stdout)
  assert.match(again.stderr, /catalog unchanged$/m)
})

test('-f - with -o prints the changed objects and nothing else, as kubectl does', async () => {
  using folder = new ManifestsFolder('catalog')
  const texts = Object.values(folder.texts()).join('---\n')
  const { code, stdout, stderr } = await runCommand(words('weight v2=10 -f - -o json'), {
    store: openStore,
    stdin: texts,
  })
  assert.equal(code, 0, stderr)
  assert.deepEqual(
    (JSON.parse(stdout) as { readonly items: readonly VirtualService[] }).items.map(({ metadata, spec }) => [
      metadata.name,
      spec.http?.[0]?.route?.map(({ weight }) => weight),
    ]),
    [
      ['catalog', [90, 10]],
      ['catalog-vs-from-gw', [90, 10]],
    ],
  )
  const names = await runCommand(words('weight v2=10 -f - -o name'), { store: openStore, stdin: texts })
  assert.equal(
    names.stdout,
    'virtualservice.networking.istio.io/catalog\nvirtualservice.networking.istio.io/catalog-vs-from-gw\n',
  )
})

test('a shop without routes: init, a quarter, promote, and back', async () => {
  using folder = new ManifestsFolder('shop')
  const init = await folder.run('init --service productcatalogservice --stable v1 -n onlineboutique')
  assert.equal(init.code, 0, init.stderr)
  assert.match(init.stdout, /destinationrule\.networking\.istio\.io\/productcatalogservice created in /)
  assert.match(init.stdout, /virtualservice\.networking\.istio\.io\/productcatalogservice created in /)
  assert.match((await folder.run('weight v2=25 -n onlineboutique')).stdout, /everyone → v1 75 %, v2 25 %/)
  assert.match((await folder.run('promote v2 -n onlineboutique')).stdout, /everyone → v2\n/)
  assert.match((await folder.run('promote v1 -n onlineboutique')).stdout, /everyone → v1\n/)
})

test('the routing of a progressive-delivery controller is shown, and an edit is refused with the owner named', async () => {
  using folder = new ManifestsFolder('flagger')
  const before = folder.texts()
  const status = await folder.run('status')
  assert.equal(status.code, 0, status.stderr)
  assert.match(status.stdout, /catalog-release/)
  assert.equal((await folder.run('lint')).code, 0)
  const edit = await folder.run('abort --service catalog')
  assert.equal(edit.code, 3, edit.stdout + edit.stderr)
  assert.match(edit.stderr, /Canary.*catalog-release|catalog-release.*Canary/)
  assert.deepEqual(folder.texts(), before)
})

test('a cohort on a host of forty routes touches only the routes of its service', async () => {
  using folder = new ManifestsFolder('forty-routes')
  const before = folder.texts()['api.yaml'] ?? ''
  const { code, stderr } = await folder.run('cohort internal --to v2 --service catalog -n shop')
  assert.equal(code, 0, stderr)
  const after = folder.texts()['api.yaml'] ?? ''
  const isOurs = ({ name }: Route): boolean => name?.startsWith('canary-') === true
  const [routes, untouched] = [after, before].map(
    text => (parse(text) as { readonly spec: { readonly http: readonly Route[] } }).spec.http,
  ) as [readonly Route[], readonly Route[]]
  assert.deepEqual(
    routes.filter(route => !isOurs(route)),
    untouched,
  )
  assert.deepEqual(
    routes.filter(isOurs).map(({ route, match = [] }) => ({
      to: route?.[0]?.destination,
      cohort: match.map(({ headers }) => headers?.['x-istio-cohort']?.exact),
    })),
    [1, 2, 1, 2].map(blocks => ({
      to: { host: 'catalog.shop.svc.cluster.local', subset: 'v2', port: { number: 8080 } },
      cohort: Array.from({ length: blocks }, () => 'internal'),
    })),
  )
  await folder.run('cohort internal --remove --service catalog -n shop')
  assert.equal(folder.texts()['api.yaml'], before)
})

test(
  'a file that cannot be written is one clear error, and nothing is half-written',
  { skip: process.getuid?.() === 0 ? 'root may write everything' : false },
  async () => {
    using folder = new ManifestsFolder('catalog')
    const before = folder.texts()
    chmodSync(folder.path, 0o555)
    const { code, stderr } = await folder.run('weight v2=10')
    chmodSync(folder.path, 0o755)
    assert.equal(code, 1)
    assert.match(stderr, /^error: /)
    assert.deepEqual(folder.texts(), before)
  },
)

test('a version label without quotes that is a number is named by its line, and makes no version', async () => {
  using folder = new ManifestsFolder('catalog')
  folder.write('catalog.yaml', folder.texts()['catalog.yaml']!.replaceAll('version: v2', 'version: 2'))
  const { code, stderr } = await folder.run('status')
  assert.equal(code, 0)
  assert.match(
    stderr,
    /catalog\.yaml:72: spec\.template\.metadata\.labels\.version of Deployment catalog-v2 must be a string, but 2 is a number; quote it/,
  )
  assert.doesNotMatch(stderr, /unexpected/)
})

test('what could not be written is not told as a result', async () => {
  using folder = new ManifestsFolder('catalog')
  chmodSync(join(folder.path, 'catalog-mesh.yaml'), 0o444)
  const { code, stdout, stderr } = await folder.run('weight v2=10')
  assert.deepEqual({ code, stdout }, { code: 1, stdout: '' })
  assert.match(stderr, /catalog-mesh\.yaml: the file is read-only/)
})
