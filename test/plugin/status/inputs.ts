import assert from 'node:assert/strict'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { objectsOf } from '../../providers/istio/resolve/corpus.ts'
import { apex, atGateway, gateway, inMesh, v1, v2 } from '../../plan/version-services/shop.ts'
import { MemoryStore, readExample } from '../memory-store.ts'
import { runCommand, words } from '../run-command.ts'

/** Long after the workloads were made. */
export const now = new Date('2026-08-01T12:00:00Z')

const made: Readonly<Record<string, string>> = {
  catalog: '2026-07-02T09:00:00Z',
  productcatalogservice: '2026-07-02T09:00:00Z',
  'catalog-primary': '2026-07-02T09:00:00Z',
  'catalog-v1': '2026-07-02T09:00:00Z',
}

/** Objects as a cluster has them: each was made at a time, and its pods are ready. */
const asLive = (objects: readonly KubeObject[]): readonly KubeObject[] =>
  objects.map(object =>
    object.kind === 'Deployment'
      ? {
          ...object,
          metadata: {
            ...object.metadata,
            creationTimestamp: made[object.metadata.name] ?? '2026-08-01T07:00:00Z',
          },
          status: {
            readyReplicas: Number(Reflect.get(Reflect.get(object, 'spec') as object, 'replicas') ?? 1),
          },
        }
      : object,
  )

async function after(store: MemoryStore, ...lines: readonly string[]): Promise<MemoryStore> {
  for (const line of lines) {
    const { code, stderr } = await runCommand(words(line), { store, now: new Date('2026-08-01T09:00:00Z') })
    assert.equal(code, 0, `${line}\n${stderr}`)
  }
  return store
}

/** The main inputs of the product, each as it is in the middle of a release. */
export const inputs: Readonly<Record<string, () => Promise<MemoryStore>>> = {
  'catalogue at 75 to 25': () =>
    after(
      new MemoryStore(asLive(readExample('shop', 'onlineboutique')), { namespace: 'onlineboutique' }),
      'init productcatalogservice --stable v1 --mesh',
      'weight productcatalogservice v2=25',
    ),
  'cohorts at gateway and mesh': () =>
    after(
      new MemoryStore(asLive(readExample('catalog'))),
      'cohort internal --to v2 --until 2d --reason rehearsal',
      'weight v2=10',
      'mirror v2=12.5',
    ),
  "Flagger's Canary in a rollout": async () => new MemoryStore(asLive(readExample('flagger'))),
  'versions as Services': () =>
    after(
      new MemoryStore(
        asLive(objectsOf(apex + v1 + v2 + gateway + inMesh('catalog-v1') + atGateway('catalog-v1'))),
        {
          namespace: 'shop',
        },
      ),
      'cohort internal --to v2',
      'weight v2=33',
    ),
}
