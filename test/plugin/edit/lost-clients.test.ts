import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { openStore, type OpenStore } from '../../../plugin/open-store.ts'
import { preFlight } from '../../../plugin/edit/pre-flight.ts'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { objectsOf } from '../../providers/istio/resolve/corpus.ts'
import { ManifestsFolder } from '../manifests-folder.ts'
import { MemoryStore } from '../memory-store.ts'
import { words } from '../run-command.ts'

const object = (kind: string, name: string, spec: string): string => {
  const [namespace, own] = name.split('/')
  return `{apiVersion: networking.istio.io/v1, kind: ${kind}, metadata: {name: ${own}, namespace: ${namespace}}, spec: ${spec}}`
}
const base = [
  '{apiVersion: v1, kind: Service, metadata: {name: catalog, namespace: shop}, spec: {clusterIP: 10.0.0.10, selector: {app: catalog}, ports: [{name: http, port: 80}]}}',
  ...['v1', 'v2'].map(
    version =>
      `{apiVersion: apps/v1, kind: Deployment, metadata: {name: catalog-${version}, namespace: shop}, spec: {template: {metadata: {labels: {app: catalog, version: ${version}}}}}}`,
  ),
  object(
    'DestinationRule',
    'web/mtls',
    '{host: catalog.shop.svc.cluster.local, trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}',
  ),
]
const subsets = object(
  'DestinationRule',
  'shop/catalog',
  '{host: catalog, subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]}',
)
const route = (subset: string): string =>
  object(
    'VirtualService',
    'shop/catalog',
    `{hosts: [catalog], http: [{route: [{destination: {host: catalog${subset}}}]}]}`,
  )
const [plain, pinned] = [route(''), route(', subset: v1')]
const one = (text: string): KubeObject => objectsOf(text)[0]!
const lost = /clients in web lose catalog\.shop\.svc\.cluster\.local: DestinationRule web\/mtls applies there/

describe('an edit that takes a working destination from clients', () => {
  for (const live of [true, false]) {
    it(`is refused before anything is written, ${live ? 'in a cluster' : 'in files'}`, async () => {
      const objects = objectsOf([...base, plain].join('\n---\n'))
      const before = objects.find(each => each.kind === 'VirtualService')!
      const flight = {
        changes: [{ after: one(subsets) }, { before, after: one(pinned) }],
        now: new Date('2026-08-01T12:00:00Z'),
      }
      const { refused } = await preFlight({ view: snapshot(objects), notes: [], live }, flight)
      assert.match(refused.map(({ message }) => message).join('\n'), lost)
    })
  }
})

describe('lint --with-cluster', () => {
  const lint = async (live: readonly string[], text: string) => {
    using folder = new ManifestsFolder()
    folder.write('file.yaml', text)
    const cluster = new MemoryStore(objectsOf(live.join('\n---\n')), { namespace: 'shop' })
    const store: OpenStore = async (flags, streams) =>
      flags.files.length > 0 ? openStore(flags, streams) : cluster
    return await folder.runWords(words('lint --with-cluster'), { store })
  }
  it('fails on files that take a working destination from clients of the cluster', async () => {
    const { code, stdout, stderr } = await lint([...base, subsets, plain], pinned)
    assert.equal(code, 3, stdout + stderr)
    assert.match(stdout, lost)
  })
  it('does not fail where they had none', async () => {
    const { code, stdout, stderr } = await lint([...base, subsets, pinned], pinned.replace('v1}}]', 'v2}}]'))
    assert.equal(code, 0, stdout + stderr)
    assert.match(stdout, /subset-hidden-from-clients/)
  })
})
