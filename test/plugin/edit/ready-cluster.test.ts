import assert from 'node:assert/strict'
import test from 'node:test'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import type { VirtualService } from '../../../shared/objects/virtual-service.ts'
import { deployment, destinationRule, fromGateway, inMesh, service } from '../../plan/worlds.ts'
import { MemoryStore } from '../memory-store.ts'
import { runCommand, words } from '../run-command.ts'

const catalog = (): MemoryStore =>
  new MemoryStore([
    service(),
    ...['v1', 'v2', 'v3'].map(version => deployment(`catalog-${version}`, { app: 'catalog', version })),
    destinationRule('v1', 'v2', 'v3'),
    fromGateway(),
    inMesh(),
  ])

/** From now on the version has so many ready pods. */
function setReady(store: MemoryStore, version: string, ready: number): void {
  store.objects = store.objects.map(object =>
    object.metadata.name === `catalog-${version}`
      ? deployment(`catalog-${version}`, { app: 'catalog', version }, ready)
      : object,
  )
}
const sharesOf = (store: MemoryStore): readonly string[] =>
  store.objects
    .filter((object: KubeObject): object is VirtualService => object.kind === 'VirtualService')
    .flatMap(({ metadata: { name }, spec }) =>
      spec.http!.map(
        ({ route }) =>
          `${name}: ${route!.map(({ destination, weight = 100 }) => `${destination.subset?.replace('version-', '')} ${weight}`).join(', ')}`,
      ),
    )
    .toSorted()

async function done(store: MemoryStore, line: string): Promise<void> {
  const { code, stderr } = await runCommand(words(line), { store })
  assert.equal(code, 0, `${line}\n${stderr}`)
}
async function refused(store: MemoryStore, line: string, version: string): Promise<void> {
  const before = store.objects
  const { code, stderr } = await runCommand(words(line), { store })
  assert.equal(code, 3, line)
  assert.match(stderr, new RegExp(`version ${version} of catalog has no ready workload`))
  assert.equal(store.objects, before)
}
const everywhere = (shares: string): readonly string[] => [
  `catalog-mesh: ${shares}`,
  `catalog-vs-from-gw: ${shares}`,
]

test('a version without a ready pod whose share does not grow holds up no other version', async () => {
  const store = catalog()
  await done(store, 'weight v2=20')
  setReady(store, 'v2', 0)
  await done(store, 'weight v2=20 v3=10')
  assert.deepEqual(sharesOf(store), everywhere('v1 70, v2 20, v3 10'))
  await done(store, 'weight v2=19 v3=30')
  assert.deepEqual(sharesOf(store), everywhere('v1 51, v2 19, v3 30'))
})

test('one whose share grows is held up, be it by one percent', async () => {
  const store = catalog()
  await done(store, 'weight v2=20')
  setReady(store, 'v2', 0)
  await refused(store, 'weight v2=21', 'v2')
  await refused(store, 'weight v2=21 v3=10', 'v2')
  await done(store, 'weight v2=21 v3=10 --force')
  assert.deepEqual(sharesOf(store), everywhere('v1 69, v2 21, v3 10'))
})

test('of several versions the one that grows without a ready pod is named', async () => {
  const store = catalog()
  await done(store, 'weight v2=20 v3=5')
  setReady(store, 'v2', 0)
  setReady(store, 'v3', 0)
  await refused(store, 'weight v2=20 v3=10', 'v3')
  setReady(store, 'v3', 1)
  await done(store, 'weight v2=20 v3=10')
})

test('a share that grows at one entry point only is held up as well', async () => {
  const store = catalog()
  await done(store, 'weight v2=20')
  const gateway = store.objects.find(({ metadata }) => metadata.name === 'catalog-vs-from-gw')
  store.objects = store.objects.map(object => (object === gateway ? fromGateway() : object))
  setReady(store, 'v2', 0)
  await refused(store, 'weight v2=20', 'v2')
})
