import assert from 'node:assert/strict'
import test from 'node:test'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import type { VirtualService } from '../../../shared/objects/virtual-service.ts'
import { fc } from '../../properties.ts'
import { ManifestsFolder } from '../manifests-folder.ts'
import { MemoryStore } from '../memory-store.ts'
import { runCommand, words } from '../run-command.ts'
import { shop } from '../shop.ts'

const gateway = {
  apiVersion: 'networking.istio.io/v1',
  kind: 'Gateway',
  metadata: { name: 'public', namespace: 'shop' },
  spec: {
    selector: { istio: 'ingressgateway' },
    servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: ['*.example.com'] }],
  },
} as KubeObject
const isRouting = ({ kind }: KubeObject): boolean => ['VirtualService', 'DestinationRule'].includes(kind)
const storeOf = ({ routed }: { readonly routed: boolean }): MemoryStore =>
  new MemoryStore(
    [...shop('catalog'), gateway].filter(object => routed || !isRouting(object)),
    { namespace: 'shop' },
  )
const byHost = 'init catalog --stable v1 --preview v2 --gateway public --preview-host next.example.com'
const byHeader = 'init catalog --stable v1 --preview v2'

async function does(store: MemoryStore, line: string): Promise<string> {
  const { code, stdout, stderr } = await runCommand(words(line), { store })
  assert.equal(code, 0, `${line}: ${stderr}`)
  return stdout
}
const routesOf = ({ objects }: MemoryStore): readonly string[] =>
  objects
    .filter(isRouting)
    .map(object => JSON.stringify(object))
    .toSorted()

for (const routed of [true, false]) {
  for (const [how, line] of [
    ['a header', byHeader],
    ['a host', byHost],
    ['a header of its own', `${byHeader} --preview-header x-next=1`],
  ] as const) {
    const name = `a preview by ${how} ${routed ? 'beside existing routes' : 'with the first routes'}`
    test(`${name} is set once, ends with promote and abort, and undo brings it back`, async () => {
      const store = storeOf({ routed })
      await does(store, 'init catalog --stable v1')
      const plain = routesOf(store)
      await does(store, line)
      const previewed = routesOf(store)
      assert.notDeepEqual(previewed, plain)
      assert.match(await does(store, line), /unchanged/)
      assert.deepEqual(routesOf(store), previewed)
      assert.match(await does(store, 'promote catalog v2'), /^catalog: everyone → v2\n/)
      assert.doesNotMatch(JSON.stringify(routesOf(store)), /preview|kubectl-canary/)
      await does(store, 'undo catalog')
      assert.deepEqual(routesOf(store), previewed)
      await does(store, 'abort')
      assert.deepEqual(routesOf(store), plain)
      await does(store, 'undo catalog')
      assert.deepEqual(routesOf(store), previewed)
    })
  }
}

test('status shows the host of a preview as an entry point that takes no share of ordinary requests', async () => {
  const store = storeOf({ routed: true })
  await does(store, byHost)
  const { stdout } = await runCommand(words('status'), { store })
  assert.equal(
    stdout.replace(/^last change .*\n/m, ''),
    `catalog in namespace shop

  VERSION   READY   SHARE     COHORTS     WORKLOAD
  v1        1/1     100.0 %   -           Deployment/catalog-v1
  v2        1/1     0.0 %     (preview)   Deployment/catalog-v2

  catalog on mesh
    everyone → v1  100.0 %  ████████████████████
  next.example.com on public (preview of v2)
    everyone → v2  100.0 %  ████████████████████
`,
  )
  const data = JSON.parse(await does(store, 'status -o json')) as {
    readonly services: readonly { readonly entryPoints: readonly { readonly preview?: string }[] }[]
  }
  assert.deepEqual(
    data.services[0]!.entryPoints.map(({ preview }) => preview),
    [undefined, 'v2'],
  )
  assert.match(await does(store, 'list'), /catalog +- +v1=100 +\(preview\)=v2/)
})

test('cohorts and weights leave the host of a preview alone', async () => {
  const store = storeOf({ routed: true })
  await does(store, byHost)
  const preview = () =>
    JSON.stringify(store.objects.find(({ metadata }) => metadata.name === 'catalog-preview'))
  const before = preview()
  for (const line of [
    'cohort internal --to v2',
    'weight catalog v2=10',
    'cohort internal --remove',
    'abort',
  ]) {
    if (line === 'abort') assert.equal(preview(), before)
    const { stderr } = await runCommand(words(line), { store })
    assert.doesNotMatch(stderr, /does not cover|error/, line)
  }
  assert.equal(preview(), undefined)
})

test('promoting or aborting for another version leaves a preview, and names it', async () => {
  const v3 = shop('catalog')
    .filter(({ metadata }) => metadata.name === 'catalog-v2')
    .map(object => JSON.parse(JSON.stringify(object).replaceAll('v2', 'v3')) as KubeObject)
  const store = new MemoryStore([...shop('catalog'), gateway, ...v3], { namespace: 'shop' })
  await does(store, byHost)
  const { code, stderr } = await runCommand(words('promote catalog v3'), { store })
  assert.equal(code, 0, stderr)
  assert.match(stderr, /The preview of v2 at next\.example\.com stays\./)
  const aborted = await runCommand(words('abort catalog'), { store })
  assert.match(aborted.stderr, /The preview of v2 at next\.example\.com is removed\./)
})

test('of two previews at hosts of their own, each is set again without a change and turned to another version', async () => {
  const v3 = shop('catalog')
    .filter(({ metadata }) => metadata.name === 'catalog-v2')
    .map(object => JSON.parse(JSON.stringify(object).replaceAll('v2', 'v3')) as KubeObject)
  const store = new MemoryStore([...shop('catalog'), gateway, ...v3], { namespace: 'shop' })
  await does(store, byHost)
  await does(store, byHost.replace('v2', 'v3').replace('next', 'later'))
  assert.match(await does(store, byHost), /unchanged/)
  await does(store, byHost.replace('v2', 'v3'))
  const hosts = store.objects
    .filter(({ metadata }) => metadata.annotations?.['kubectl-canary/preview'] === 'v3')
    .flatMap(object => (object as VirtualService).spec.hosts)
  assert.deepEqual(new Set(hosts), new Set(['later.example.com', 'next.example.com']))
})

test('a previewed version is in use, so that cleanup keeps it', async () => {
  const store = storeOf({ routed: true })
  await does(store, byHost)
  const ended = await runCommand(words('cleanup catalog --yes'), { store })
  assert.match(
    JSON.stringify(store.objects.find(({ kind }) => kind === 'DestinationRule')),
    /"v2"/,
    ended.stderr,
  )
})

test('a preview of a version without a ready pod is refused, and --force sets it', async () => {
  for (const line of [byHost, byHeader]) {
    const store = storeOf({ routed: false })
    store.objects = store.objects.map(object =>
      object.metadata.name === 'catalog-v2'
        ? { ...object, status: { readyReplicas: 0, replicas: 1 } }
        : object,
    )
    const { code, stderr } = await runCommand(words(line), { store })
    assert.equal(code, 3, stderr)
    assert.match(stderr, /version v2 of catalog has no ready workload/)
    const [, offered] = /kubectl canary (init .*--force)$/m.exec(stderr) ?? []
    await does(store, offered!)
  }
})

test('a version can be previewed at any number of hosts, and a promotion removes them all', async () => {
  const store = storeOf({ routed: true })
  const hosts = ['a', 'b', 'c', 'd'].map(name => `${name}.example.com`)
  for (const host of hosts) await does(store, byHost.replace('next.example.com', host))
  assert.deepEqual(
    store.objects
      .filter(({ metadata }) => metadata.name.startsWith('catalog-preview'))
      .map(({ metadata }) => metadata.name),
    ['catalog-preview', 'catalog-preview-canary', 'catalog-preview-2', 'catalog-preview-3'],
  )
  await does(store, 'promote catalog v2')
  assert.doesNotMatch(JSON.stringify(routesOf(store)), /preview|kubectl-canary/)
})

test('a preview at a host that another VirtualService serves is refused', async () => {
  const other = {
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { name: 'next', namespace: 'shop', creationTimestamp: '2020-01-01T00:00:00Z' },
    spec: {
      hosts: ['next.example.com'],
      gateways: ['public'],
      http: [{ route: [{ destination: { host: 'elsewhere.com' } }] }],
    },
  } as KubeObject
  const store = new MemoryStore([...shop('catalog'), gateway, other], { namespace: 'shop' })
  const { code, stderr } = await runCommand(words(byHost), { store })
  assert.equal(code, 3, stderr)
  assert.match(stderr, /VirtualService shop\/next spec\.http\[0\] takes everything for this host before it/)
})

for (const [line, message] of [
  ['init catalog --stable v1 --preview v1', 'v1 cannot be both stable and the preview'],
  ['init catalog --stable v1 --preview-header x=1', '--preview-header needs --preview'],
  ['init catalog --stable v1 --preview-host a.example.com', '--preview-host needs --preview'],
  ['init catalog --stable v1 --preview v2 --preview-host a.example.com', '--preview-host needs --gateway'],
  [`${byHost} --preview-header x=1`, '--preview-host cannot be used with --preview-header'],
  [`${byHost} --host next.example.com`, 'next.example.com is both --host and --preview-host'],
  ['init catalog --stable v1 --preview v2 --gateway public', '--gateway and --host must be used together'],
] as const) {
  test(`"${line}" is a usage error`, async () => {
    const { code, stderr } = await runCommand(words(line), { store: storeOf({ routed: true }) })
    assert.equal(code, 2, stderr)
    assert.ok(stderr.includes(message), stderr)
  })
}

test('on files, whatever comes between a preview and abort, the files are as they were after init alone', async () => {
  const between = fc.subarray(
    [
      'weight catalog v2=10',
      'cohort internal catalog --to v2',
      'cohort beta catalog --to v2 --cookie beta=1',
    ],
    { minLength: 0 },
  )
  const how = fc.constantFrom(
    '',
    ' --preview-header x-next=1',
    ' --gateway outfitters-gateway --preview-host next.example.com',
  )
  await fc.assert(
    fc.asyncProperty(between, how, async (lines, flags) => {
      using folder = new ManifestsFolder('catalog')
      assert.equal((await folder.run('init catalog --stable v1')).code, 0)
      const start = folder.texts()
      for (const line of [`init catalog --stable v1 --preview v2${flags}`, ...lines, 'abort catalog']) {
        const { code, stderr } = await folder.run(line)
        assert.equal(code, 0, `${line}: ${stderr}`)
      }
      assert.deepEqual(folder.texts(), start)
    }),
    { numRuns: 12 },
  )
})
