import assert from 'node:assert/strict'
import test from 'node:test'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { clusterTests } from '../../cluster/cluster-test.ts'
import { MemoryStore, readExample } from '../memory-store.ts'
import { runCommand, words } from '../run-command.ts'
import { catalogWorld } from './catalog-world.ts'

const clusterTest = clusterTests()

const run = async (store: MemoryStore, line: string) => runCommand(words(line), { store })
const does = async (store: MemoryStore, line: string) => {
  const ended = await run(store, line)
  assert.equal(ended.code, 0, `${line}: ${ended.stderr}`)
  return ended
}
const find = (store: MemoryStore, kind: string, name: string): KubeObject | undefined =>
  store.objects.find(object => object.kind === kind && object.metadata.name === name)
const subsetsOf = (store: MemoryStore): readonly string[] => {
  const rule = store.objects.find(({ kind }) => kind === 'DestinationRule')
  const { subsets = [] } = Reflect.get(rule!, 'spec') as {
    readonly subsets?: readonly { readonly name: string }[]
  }
  return subsets.map(({ name }) => name)
}
const autoscaler = {
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: { name: 'catalog', namespace: 'istioinaction' },
  spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'catalog' }, maxReplicas: 3 },
} as KubeObject
const promoted = async (...more: readonly KubeObject[]): Promise<MemoryStore> => {
  const store = new MemoryStore([...readExample('catalog'), ...more])
  await does(store, 'promote catalog v2')
  return store
}

test('after a promotion it names the old subset and Deployment, and changes nothing without --yes', async () => {
  const store = await promoted()
  const before = store.objects
  const { stdout, stderr } = await does(store, 'cleanup catalog')
  assert.match(
    stdout,
    /destinationrule\.networking\.istio\.io\/\S+ configured \(dry run\)\ndeployment\.apps\/catalog configured \(dry run\)/,
  )
  assert.match(
    stderr,
    /Deployment \S+\/catalog is scaled from 1 to 0\. To delete it instead: --delete-workloads\.\n/,
  )
  assert.match(stderr, /nothing was changed; to apply this: kubectl canary cleanup catalog --yes\n$/)
  const { stderr: deleting } = await does(store, 'cleanup catalog --delete-workloads')
  assert.doesNotMatch(deleting, /scaled/)
  assert.equal(store.objects, before)
})

test('with --yes the subset goes and the Deployment is scaled to zero, and undo brings both back', async () => {
  const store = await promoted(autoscaler)
  const before = store.objects
  const { stdout } = await does(store, 'cleanup catalog --yes')
  assert.match(stdout, /^catalog: everyone → v2\n/)
  assert.deepEqual(subsetsOf(store), ['version-v2'])
  assert.equal(
    (Reflect.get(find(store, 'Deployment', 'catalog')!, 'spec') as { readonly replicas: number }).replicas,
    0,
  )
  assert.ok(find(store, 'HorizontalPodAutoscaler', 'catalog'))
  assert.match((await does(store, 'cleanup catalog --yes')).stdout, /unchanged/)
  await does(store, 'undo catalog')
  const byName = (objects: readonly KubeObject[]) =>
    objects.toSorted((a, b) => (`${a.kind}${a.metadata.name}` < `${b.kind}${b.metadata.name}` ? -1 : 1))
  assert.deepEqual(byName(store.objects), byName(before))
})

test('--keep-workloads removes the subset only, and --delete-workloads the autoscaler, too', async () => {
  const kept = await promoted()
  const deployments = find(kept, 'Deployment', 'catalog')
  await does(kept, 'cleanup catalog --yes --keep-workloads')
  assert.deepEqual([subsetsOf(kept), find(kept, 'Deployment', 'catalog')], [['version-v2'], deployments])
  const deleted = await promoted(autoscaler)
  await does(deleted, 'cleanup catalog --yes --delete-workloads')
  assert.deepEqual(
    [find(deleted, 'Deployment', 'catalog'), find(deleted, 'HorizontalPodAutoscaler', 'catalog')],
    [undefined, undefined],
  )
  assert.equal((await run(deleted, 'cleanup catalog --yes --keep-workloads --delete-workloads')).code, 2)
})

test('a version that has had no requests yet stays, and one whose canary was aborted goes', async () => {
  const store = new MemoryStore(readExample('catalog'))
  const first = await does(store, 'cleanup catalog --yes')
  assert.match(first.stderr, /Version v2 has had no requests yet: it stays\./)
  assert.deepEqual(subsetsOf(store), ['version-v1', 'version-v2'])
  await does(store, 'weight catalog v2=10')
  assert.match((await does(store, 'cleanup catalog --yes')).stdout, /unchanged/)
  await does(store, 'abort catalog')
  await does(store, 'cleanup catalog --yes')
  assert.deepEqual(subsetsOf(store), ['version-v1'])
})

test('a subset goes although another Service has one of its name in use, and stays where any route names it', async () => {
  const route = (name: string, host: string): KubeObject =>
    ({
      apiVersion: 'networking.istio.io/v1',
      kind: 'VirtualService',
      metadata: { name, namespace: 'istioinaction' },
      spec: {
        hosts: [`${name}.example.com`],
        gateways: ['nowhere'],
        http: [{ route: [{ destination: { host, subset: 'version-v1' } }] }],
      },
    }) as KubeObject
  const store = await promoted(route('webapp', 'webapp'))
  await does(store, 'cleanup svc/catalog --yes --keep-workloads')
  assert.deepEqual(subsetsOf(store), ['version-v2'])
  const named = await promoted()
  named.objects = [...named.objects, route('hidden', 'catalog')]
  await does(named, 'cleanup catalog --yes --keep-workloads')
  assert.deepEqual(subsetsOf(named), ['version-v1', 'version-v2'])
})

const object = (
  apiVersion: string,
  kind: string,
  { name = 'other', ...more }: { readonly name?: string } & Record<string, unknown>,
) => ({ apiVersion, kind, metadata: { name, namespace: 'istioinaction' }, ...more }) as unknown as KubeObject
const ports = [{ name: 'http', port: 80 }]
const host = 'catalog.istioinaction.svc.cluster.local'
const leading = (spec: object): KubeObject => ({
  ...object('networking.istio.io/v1', 'VirtualService', { spec: { hosts: ['x.example.com'], ...spec } }),
  metadata: { name: 'other', namespace: 'web' },
})
const toOld = { host, subset: 'version-v1' }
const elsewhere = { destination: { host: 'elsewhere' } }

for (const [user, said, more] of [
  [
    'a Service selects',
    'Service other',
    object('v1', 'Service', { spec: { selector: { app: 'catalog', version: 'v1' }, ports } }),
  ],
  [
    'a Service selects with others',
    'Service other',
    object('v1', 'Service', { spec: { selector: { app: 'catalog' }, ports } }),
  ],
  [
    'a Service selects by a label of their controller',
    'Service other',
    object('v1', 'Service', {
      spec: { selector: { 'statefulset.kubernetes.io/pod-name': 'catalog-0' }, ports },
    }),
  ],
  [
    'a ServiceEntry selects',
    'ServiceEntry other',
    object('networking.istio.io/v1', 'ServiceEntry', {
      spec: { hosts: ['old.example.com'], workloadSelector: { labels: { version: 'v1' } } },
    }),
  ],
  [
    'addresses of a Service without a selector name',
    'Service by-hand',
    {
      ...object('discovery.k8s.io/v1', 'EndpointSlice', {
        endpoints: [{ addresses: ['10.0.0.1'], targetRef: { kind: 'Pod', name: 'catalog-66d9-x2' } }],
      }),
      metadata: {
        name: 'by-hand-1',
        namespace: 'istioinaction',
        labels: { 'kubernetes.io/service-name': 'by-hand' },
      },
    } as KubeObject,
  ],
] as const)
  test(`a Deployment whose pods ${user} stays, also with --delete-workloads`, async () => {
    for (const flag of ['', ' --delete-workloads']) {
      const store = await promoted(more)
      const { stderr } = await does(store, `cleanup svc/catalog --yes${flag}`)
      assert.ok(
        stderr.includes(`Deployment istioinaction/catalog stays: its pods are also behind ${said}.`),
        stderr,
      )
      assert.ok(find(store, 'Deployment', 'catalog'))
    }
  })

test('a Deployment goes where addresses name pods of one whose name begins with its own', async () => {
  const slice = {
    ...object('discovery.k8s.io/v1', 'EndpointSlice', {
      endpoints: [{ addresses: ['10.0.0.1'], targetRef: { kind: 'Pod', name: 'catalog-v2-66d9-x2' } }],
    }),
    metadata: {
      name: 'by-hand-1',
      namespace: 'istioinaction',
      labels: { 'kubernetes.io/service-name': 'by-hand' },
    },
  } as KubeObject
  const store = await promoted(slice)
  await does(store, 'cleanup svc/catalog --yes --delete-workloads')
  assert.equal(find(store, 'Deployment', 'catalog'), undefined)
})

for (const [where, spec] of [
  ['an http route', { http: [{ route: [{ destination: toOld }] }] }],
  ['a tcp route', { tcp: [{ route: [{ destination: toOld }] }] }],
  ['a tls route', { tls: [{ match: [{ sniHosts: ['x.example.com'] }], route: [{ destination: toOld }] }] }],
  [
    'a share of nothing',
    {
      http: [
        {
          route: [
            { ...elsewhere, weight: 100 },
            { destination: toOld, weight: 0 },
          ],
        },
      ],
    },
  ],
  ['a mirror', { http: [{ route: [elsewhere], mirror: toOld }] }],
  [
    'a mirror of nothing',
    { http: [{ route: [elsewhere], mirrors: [{ destination: toOld, percentage: { value: 0 } }] }] },
  ],
] as const)
  test(`neither subset nor Deployment goes where ${where} of another namespace names the version`, async () => {
    const store = await promoted()
    store.objects = [...store.objects, leading(spec)]
    const before = store.objects
    await does(store, 'cleanup svc/catalog --yes --delete-workloads')
    assert.equal(store.objects, before)
  })

test('a Service for one pod of a StatefulSet with a longer name does not keep the old version', async () => {
  const store = await promoted({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'catalog-v2-first', namespace: 'istioinaction' },
    spec: { selector: { 'statefulset.kubernetes.io/pod-name': 'catalog-v2-0' }, ports: [{ port: 80 }] },
  } as KubeObject)
  const { stdout } = await does(store, 'cleanup catalog')
  assert.match(stdout, /^deployment\.apps\/catalog configured/m)
})

test('a route of the Gateway API, too, leads to all pods, so that no version is old', async () => {
  const route = object('gateway.networking.k8s.io/v1', 'HTTPRoute', {
    spec: { rules: [{ backendRefs: [{ name: 'catalog', port: 80 }] }] },
  })
  const store = await promoted()
  store.objects = [...store.objects, route]
  const before = store.objects
  const { stderr } = await does(store, 'cleanup svc/catalog --yes --provider istio')
  assert.match(stderr, /lead to all its pods, whatever their version: none is left over/)
  assert.equal(store.objects, before)
})

test('a Deployment whose pods are of a version in use, too, stays', async () => {
  const store = new MemoryStore(
    readExample('catalog').map(one => {
      const spec = Reflect.get(one, 'spec') as { readonly subsets?: readonly object[] }
      return one.kind === 'DestinationRule'
        ? ({
            ...one,
            spec: { ...spec, subsets: [...spec.subsets!, { name: 'all', labels: { app: 'catalog' } }] },
          } as KubeObject)
        : one
    }),
  )
  await does(store, 'weight catalog v1=50 all=50 --stable all')
  await does(store, 'weight catalog all=100')
  const { stderr } = await does(store, 'cleanup svc/catalog --yes')
  assert.match(stderr, /Deployment istioinaction\/catalog stays: its pods are also of version all\./)
  assert.deepEqual(subsetsOf(store), ['version-v2', 'all'])
})

test('where no version in use has a ready pod, nothing goes', async () => {
  const store = await promoted()
  store.objects = store.objects.map(object =>
    object.metadata.name === 'catalog-v2' ? ({ ...object, status: { replicas: 1 } } as KubeObject) : object,
  )
  const { code, stderr } = await run(store, 'cleanup catalog --yes')
  assert.equal(code, 3)
  assert.match(stderr, /no version of catalog that gets requests has a ready pod: v2/)
})

test('nothing is waited for before a workload without pods is deleted', async () => {
  const store = await promoted()
  assert.match((await does(store, 'cleanup catalog --yes')).stderr, /waiting 30 s for requests to end/)
  const { stdout, stderr } = await does(store, 'cleanup catalog --yes --delete-workloads')
  assert.match(stdout, /deployment\.apps\/catalog deleted/)
  assert.doesNotMatch(stderr, /waiting/)
})

clusterTest(
  'on a cluster the old version is scaled down after the drain, and its record can be undone',
  async cluster => {
    const world = await catalogWorld(cluster)
    await world.does('promote catalog v2')
    const before = await world.state()
    const { stderr } = await world.does('cleanup catalog --yes')
    assert.match(stderr, /waiting 30 s for requests to end/)
    const read = async () =>
      (
        (await cluster.expect(world.path('deployments', 'catalog-v1'))) as {
          readonly spec: { readonly replicas: number }
        }
      ).spec.replicas
    assert.equal(await read(), 0)
    await world.does('undo catalog')
    assert.equal(await read(), 1)
    assert.deepEqual(await world.state(), before)
  },
)
