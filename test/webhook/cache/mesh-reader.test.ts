import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { pino } from 'pino'
import type { Requester } from '../../../shared/live/watch/stream/requester.ts'
import type { GuardedMesh } from '../../../webhook/cache/mesh-reader.ts'
import { startCache, type ClusterCache } from '../../../webhook/cache/cluster-cache.ts'

/** An API server that has these ConfigMaps, by path, and no other kind. */
const serverWith = (meshes: Readonly<Record<string, string>>): Requester => ({
  request: async ({ path }) => {
    const mesh = meshes[path]
    const bytes = Buffer.from(
      JSON.stringify(
        mesh === undefined
          ? { kind: 'Status', code: 404 }
          : { metadata: { name: path.split('/').at(-1) }, data: { mesh } },
      ),
    )
    return {
      status: mesh === undefined ? 404 : 200,
      body: (async function* () {
        yield bytes
      })(),
    }
  },
})

/** A cache over it that has read the settings, and what it complained of. */
async function read(
  context: TestContext,
  meshes: Record<string, string>,
  mesh: () => GuardedMesh,
): Promise<{ readonly cache: ClusterCache; readonly said: readonly string[] }> {
  const said: string[] = []
  const log = pino(
    { level: 'warn' },
    { write: line => void said.push((JSON.parse(line) as { error: string }).error) },
  )
  const cache = startCache({ requester: serverWith(meshes), rules: [], log, mesh })
  context.after(() => cache.close())
  await cache.readMesh()
  return { cache, said }
}

const at = (namespace: string, name: string): string => `/api/v1/namespaces/${namespace}/configmaps/${name}`
const exportedTo = ({ cache }: { readonly cache: ClusterCache }): readonly string[] =>
  cache.view.mesh.defaultExportTo.virtualService

describe('the settings of the mesh', () => {
  it("are those of Istio's ConfigMap in the root namespace, with the overrides of the configuration", async context => {
    const meshes = {
      [at('istio-system', 'istio')]: 'defaultVirtualServiceExportTo: ["."]',
      [at('mesh', 'istio')]: 'defaultVirtualServiceExportTo: ["~"]',
    }
    assert.deepEqual(exportedTo(await read(context, meshes, () => ({}))), ['.'])
    assert.deepEqual(exportedTo(await read(context, meshes, () => ({ rootNamespace: 'mesh' }))), ['~'])
    assert.deepEqual(
      exportedTo(await read(context, meshes, () => ({ defaultExportTo: { virtualService: ['shop'] } }))),
      ['shop'],
    )
  })
  it('are those of the revision that the configuration names', async context => {
    const meshes = {
      [at('istio-system', 'istio')]: '{}',
      [at('istio-system', 'istio-asm-managed')]: 'defaultVirtualServiceExportTo: ["."]',
    }
    assert.deepEqual(exportedTo(await read(context, meshes, () => ({ revision: 'asm-managed' }))), ['.'])
  })
  it("are Istio's defaults without a ConfigMap, and a revision without one is logged once", async context => {
    const plain = await read(context, {}, () => ({}))
    assert.deepEqual([exportedTo(plain), plain.said], [['*'], []])
    const revised = await read(context, {}, () => ({ revision: 'canary' }))
    await revised.cache.readMesh()
    assert.deepEqual([exportedTo(revised), revised.said], [['*'], ['there is no such ConfigMap']])
  })
  it('stay unchanged while they cannot be read', async context => {
    const meshes = { [at('istio-system', 'istio')]: 'defaultVirtualServiceExportTo: ["."]' }
    const settings = await read(context, meshes, () => ({}))
    meshes[at('istio-system', 'istio')] = 'defaultVirtualServiceExportTo: ["'
    await settings.cache.readMesh()
    assert.deepEqual([exportedTo(settings), settings.said.length], [['.'], 1])
  })
})
