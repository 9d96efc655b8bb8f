import assert from 'node:assert/strict'
import test from 'node:test'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { arrange } from '../../../shared/providers/istio/edit/arrange.ts'
import type { Reading } from '../../../shared/view/store.ts'
import { clusterTests } from '../../cluster/cluster-test.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { MemoryStore, readExample } from '../memory-store.ts'
import { runCommand, words } from '../run-command.ts'
import { openStore } from '../../../plugin/open-store.ts'
import { catalogWorld, type CatalogWorld } from './catalog-world.ts'
import { passingServer } from './passing-server.ts'

/** A cluster whose versions have so many ready pods at each read, the last of them from then on. */
class Starting extends MemoryStore {
  readonly ready: Record<string, readonly number[]> = {}

  override async read(): Promise<Reading> {
    for (const [name, counts] of Object.entries(this.ready)) {
      const readyReplicas = counts[Math.min(this.reads, counts.length - 1)]!
      this.objects = this.objects.map(object =>
        object.kind === 'Deployment' && object.metadata.name === name
          ? ({ ...object, status: { replicas: 1, readyReplicas } } as KubeObject)
          : object,
      )
    }
    return super.read()
  }
}
/** The catalog without routes, so that the first one comes with its subsets. */
const catalog = (ready: readonly number[]): Starting => {
  const store = new Starting(
    readExample('catalog').filter(
      ({ kind, metadata }) =>
        !['VirtualService', 'DestinationRule'].includes(kind) && !metadata.name.startsWith('webapp'),
    ),
  )
  store.ready['catalog'] = ready
  return store
}
const run = (store: MemoryStore, line: string) => runCommand(words(line), { store })
const kindsOf = (store: MemoryStore): readonly string[] =>
  store.objects
    .map(({ kind }) => kind)
    .filter(kind => /^(VirtualService|DestinationRule)$/.test(kind))
    .toSorted()

test('where pods are ready already, nothing is waited for but the proxies', async () => {
  const { code, stderr } = await run(catalog([1]), 'init catalog --stable v1')
  assert.equal(code, 0, stderr)
  assert.deepEqual(stderr.match(/^waiting.*$/gm), [
    'waiting 2 s for the proxies to receive the new subsets (--settle)',
  ])
})

test('pods that are not ready when the route comes are waited for, and then the proxies again', async () => {
  const store = catalog([1, 0, 0, 0, 1])
  const { code, stderr } = await run(store, 'init catalog --stable v1')
  assert.equal(code, 0, stderr)
  assert.deepEqual(stderr.match(/^waiting.*$/gm), [
    'waiting 2 s for the proxies to receive the new subsets (--settle)',
    'waiting up to 60 s for a ready pod of v1 (Deployment catalog 0/1 ready) (--ready-timeout)',
    'waiting 2 s for the proxies to receive the new subsets (--settle)',
  ])
  assert.deepEqual(kindsOf(store), ['DestinationRule', 'VirtualService'])
})

for (const [flag, after, looks] of [
  ['', '60 s', 61],
  [' --ready-timeout 1500ms', '1.5 s', 3],
  [' --ready-timeout 0', '0 s', 1],
] as const)
  test(`pods that are not ready in time${flag} are an error that names them, and no route is written`, async () => {
    const store = catalog([1, 0])
    const { code, stderr } = await run(store, `init catalog --stable v1${flag}`)
    assert.equal(code, 3, stderr)
    assert.ok(
      stderr.includes(`version v1 of catalog has no ready pod after ${after}: Deployment catalog 0/1 ready`),
      stderr,
    )
    assert.ok(stderr.includes(`kubectl canary init catalog --stable v1${flag} --force`), stderr)
    assert.ok(!kindsOf(store).includes('VirtualService'))
    assert.equal(store.reads, 1 + looks)
  })

test('--force waits for no pods', async () => {
  const store = catalog([0])
  const { code, stderr } = await run(store, 'init catalog --stable v1 --force')
  assert.equal(code, 0, stderr)
  assert.doesNotMatch(stderr, /ready pod/)
})

test('an undo of cleanup and promotion starts the old pods, and waits for them before routes lead there', async () => {
  const store = new Starting(readExample('catalog'))
  for (const line of ['promote catalog v2', 'cleanup catalog --yes']) {
    const { code, stderr } = await run(store, line)
    assert.equal(code, 0, stderr)
  }
  const now = store.reads
  store.ready['catalog'] = [...Array.from({ length: now + 4 }, () => 0), 1]
  const { code, stderr } = await run(store, 'undo catalog --to-revision 0')
  assert.equal(code, 0, stderr)
  assert.match(stderr, /waiting up to 60 s for a ready pod of v1 \(Deployment catalog 0\/1 ready\)/)
  const last = store.applied.at(-1)!.map(({ after, before }) => (after ?? before)!.kind)
  assert.ok(last.lastIndexOf('Deployment') < last.indexOf('VirtualService'), last.join(' '))
  assert.ok(last.lastIndexOf('DestinationRule') < last.indexOf('VirtualService'), last.join(' '))
  // And back again: first the routes go, then the pods.
  store.ready['catalog'] = [1]
  const back = await run(store, 'undo catalog')
  assert.equal(back.code, 0, back.stderr)
  const reverse = store.applied.at(-1)!.map(({ after, before }) => (after ?? before)!.kind)
  assert.ok(reverse.lastIndexOf('VirtualService') < reverse.indexOf('Deployment'), reverse.join(' '))
  assert.match(back.stderr, /waiting 30 s for requests to end/)
})

test('workloads that get pods come before the routes, and those that lose pods after them', () => {
  const deployment = (replicas: number | undefined): KubeObject =>
    ({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'catalog', namespace: 'shop' },
      spec: { replicas, template: { metadata: { labels: { app: 'catalog' } } } },
    }) as KubeObject
  const route = (timeout: string): KubeObject =>
    ({
      apiVersion: 'networking.istio.io/v1',
      kind: 'VirtualService',
      metadata: { name: 'catalog', namespace: 'shop' },
      spec: { http: [{ timeout }] },
    }) as KubeObject
  const routes = { before: route('1s'), after: route('2s') }
  const planned = (before?: KubeObject, after?: KubeObject) =>
    arrange([routes, { before, after }]).map(
      ({ change, waits }) =>
        `${(change.after ?? change.before)!.kind}${waits === undefined ? '' : ` ${waits}`}`,
    )
  for (const [before, after] of [
    [deployment(0), deployment(1)],
    [deployment(0), deployment(undefined)],
    [undefined, deployment(2)],
  ])
    assert.deepEqual(planned(before, after), ['Deployment', 'VirtualService served'])
  for (const [before, after] of [
    [deployment(1), deployment(0)],
    [deployment(2), deployment(undefined)],
    [deployment(2), undefined],
  ])
    assert.deepEqual(planned(before, after), ['VirtualService', 'Deployment drained'])
})

const real = clusterTests()

const noneReady = (cluster: Cluster, world: CatalogWorld): Promise<unknown> =>
  cluster.expect(`${world.path('deployments', 'catalog-v1')}/status`, {
    method: 'PATCH',
    contentType: 'application/merge-patch+json',
    body: { status: { readyReplicas: 0 } },
  })

real('on a cluster, what was written before the pods were waited for in vain is undone', async cluster => {
  const world = await catalogWorld(cluster, { routed: false })
  const start = await world.state()
  // Between the plan and the first write, the pod stops being ready.
  await using server = await passingServer(cluster, async ({ path }) => {
    if (path.endsWith('/destinationrules')) await noneReady(cluster, world)
  })
  const { code, stderr } = await world.canary(
    `init catalog --stable v1 --ready-timeout 2s --server ${server.url}`,
  )
  assert.equal(code, 3, stderr)
  assert.match(
    stderr,
    /version v1 of catalog has no ready pod after 2 s: .*; the changes before it \(DestinationRule \S+\) were undone/,
  )
  assert.deepEqual(await world.state(), start)
  assert.deepEqual(await world.records(), [])
})

real('Ctrl-C while pods are waited for undoes what was written before, and says so', async cluster => {
  const world = await catalogWorld(cluster, { routed: false })
  const start = await world.state()
  await using server = await passingServer(cluster, async ({ path }) => {
    if (path.endsWith('/destinationrules')) await noneReady(cluster, world)
  })
  // Between two looks at the pods, the person gives up.
  const interrupt = new AbortController()
  const wait = async (milliseconds: number): Promise<void> => {
    if (milliseconds === 1000) interrupt.abort()
  }
  const { code, stderr } = await runCommand(
    words(
      `init catalog --stable v1 -n ${world.namespace} --server ${server.url} --kubeconfig ${cluster.kubeconfig}`,
    ),
    { store: openStore, interrupt: interrupt.signal, clock: { now: () => new Date(), wait } },
  )
  assert.equal(code, 130, stderr)
  assert.match(stderr, /waiting up to 60 s for a ready pod of v1/)
  assert.match(
    stderr,
    /interrupted before VirtualService \S+ was written; the changes before it \(DestinationRule \S+\) were undone/,
  )
  assert.deepEqual(await world.state(), start)
  assert.deepEqual(await world.records(), [])
})
