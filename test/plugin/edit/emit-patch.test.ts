import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { parse, parseAllDocuments } from 'yaml'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { clusterTests } from '../../cluster/cluster-test.ts'
import { catalogWorld, type CatalogWorld } from '../history/catalog-world.ts'
import { MemoryStore, readExample } from '../memory-store.ts'
import { runCommand, words } from '../run-command.ts'

const clusterTest = clusterTests()

const emitted = async (line: string, store = new MemoryStore(readExample('catalog'))) => {
  const { code, stdout, stderr } = await runCommand(words(line), { store })
  assert.equal(code, 0, stderr)
  assert.deepEqual([store.applied.length, store.history.records.length], [1, 0])
  assert.match(stderr, /nothing was written \(--emit-patch\)\n$/)
  return { stdout, stderr, after: store.objects }
}

test('a patch is the whole of stdout, and who gets what is said beside it', async () => {
  const { stdout, stderr } = await emitted('weight v2=10 --emit-patch merge')
  const patches = parseAllDocuments(stdout).map(document => document.toJS() as KubeObject)
  assert.deepEqual(
    patches.map(({ kind, metadata: { name } }) => [kind, name]),
    [
      ['VirtualService', 'catalog'],
      ['VirtualService', 'catalog-vs-from-gw'],
    ],
  )
  assert.match(stderr, /^catalog: everyone → v1 90 %, v2 10 %\n/)
})

test('a part of a kustomization has a target for each object, and its new objects as files', async () => {
  const { stdout } = await emitted('cohort internal --to v2 --emit-patch kustomize')
  const { patches } = parse(stdout) as {
    readonly patches: readonly { readonly target: object; readonly patch: string }[]
  }
  assert.deepEqual(patches[0]?.target, {
    group: 'networking.istio.io',
    kind: 'VirtualService',
    name: 'catalog',
    namespace: 'istioinaction',
  })
  assert.match(patches[0].patch, /kubectl-canary\/stable: v1/)
  const init = await emitted('init webapp --stable v1 --emit-patch kustomize')
  assert.deepEqual(
    parseAllDocuments(init.stdout).map(document => (document.toJS() as KubeObject).kind),
    ['DestinationRule', 'VirtualService'],
  )
})

test('what Argo CD applies can be printed, and a form that is none is a usage error', async () => {
  const argoCd = { annotations: { 'argocd.argoproj.io/tracking-id': 'shop:x/VirtualService:a/b' } }
  const owned = readExample('catalog').map(object => ({
    ...object,
    metadata: { ...object.metadata, uid: '1', ...(object.kind === 'VirtualService' && argoCd) },
  }))
  assert.match(
    (await emitted('weight v2=10 --emit-patch json', new MemoryStore(owned))).stdout,
    /path: \/spec\/http/,
  )
  for (const line of ['weight v2=10 --emit-patch diff', 'weight v2=10 --emit-patch json -o yaml'])
    assert.equal((await runCommand(words(line), { store: new MemoryStore(owned) })).code, 2)
})

clusterTest(
  'each patch, applied by the command that it names, does what the edit would do',
  async cluster => {
    for (const format of ['json', 'merge']) {
      const [patched, edited] = [await catalogWorld(cluster), await catalogWorld(cluster)]
      const { stdout } = await patched.does(`cohort internal catalog --to v2 --emit-patch ${format}`)
      for (const text of stdout.split('---\n')) {
        const [, command] = /^# kubectl (.*) --patch-file FILE$/m.exec(text)!
        const file = join(cluster.folder, 'patch.yaml')
        writeFileSync(file, text)
        const { code, stderr } = await cluster.kubectl([...words(command!), '--patch-file', file])
        assert.equal(code, 0, stderr)
      }
      await edited.does('cohort internal catalog --to v2')
      const stateOf = async (world: CatalogWorld) =>
        (await world.state()).map(object =>
          JSON.stringify(object)
            .replaceAll(world.namespace, 'NAMESPACE')
            .replaceAll(/"since\\":\\"[^"\\]*/g, ''),
        )
      assert.deepEqual(await stateOf(patched), await stateOf(edited), format)
    }
  },
)
