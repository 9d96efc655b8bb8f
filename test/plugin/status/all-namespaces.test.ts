import assert from 'node:assert/strict'
import { describe, it, test } from 'node:test'
import { ManifestsFolder } from '../manifests-folder.ts'
import { beginRecords, foundEarly, isAbout } from '../../../plugin/commands/status/early-records.ts'
import type { ServiceReading } from '../../../shared/routing/provider.ts'
import type { HistoryScope, HistoryStore } from '../../../shared/view/history.ts'
import type { RunStore } from '../../../shared/view/runs/run-store.ts'

const shopIn = (namespace: string): string => `
apiVersion: v1
kind: Service
metadata: {name: shop, namespace: ${namespace}}
spec: {selector: {app: shop}, ports: [{name: http, port: 80}]}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: shop, namespace: ${namespace}}
spec: {host: shop, subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: shop, namespace: ${namespace}}
spec: {hosts: [shop], http: [{route: [{destination: {host: shop, subset: v1}}]}]}
`

describe('a picture of all namespaces', () => {
  const frames = {
    svg: /<text class="head"[^>]*>shop in namespace (\w+)</g,
    mermaid: /subgraph s\d+\["shop in namespace (\w+)"\]/g,
    dot: /label="shop in namespace (\w+)"/g,
  }
  for (const [format, frame] of Object.entries(frames))
    it(`has the services of each, as ${format}`, async () => {
      using folder = new ManifestsFolder()
      folder.write('all.yaml', ['one', 'two'].map(shopIn).join('---'))
      const namespacesOf = async (line: string): Promise<readonly string[]> => {
        const { code, stdout, stderr } = await folder.run(line)
        assert.equal(code, 0, stderr)
        return [...stdout.matchAll(frame)].map(([, namespace]) => namespace!)
      }
      assert.deepEqual(await namespacesOf(`status -A -o ${format}`), ['one', 'two'])
      assert.deepEqual(await namespacesOf(`status -n two -o ${format}`), ['two'])
    })
})

it('a terminal that says no size is taken for one of 80 columns', async () => {
  using folder = new ManifestsFolder('catalog')
  for (const line of ['status', 'doctor catalog', 'status --help']) {
    const known = await folder.run(line, { isTTY: true, columns: 80 })
    assert.deepEqual(await folder.run(line, { isTTY: true, columns: 0 }), known)
  }
})

const nothing = { service: undefined, allNamespaces: false }

function storeOf(missing?: string) {
  const asked: unknown[] = []
  const history = {
    list: async (scope: HistoryScope) => (asked.push(scope), { changes: [], ...(missing && { missing }) }),
  } as Pick<HistoryStore, 'list'> as HistoryStore
  const runs = {
    list: async (namespace: string) => (asked.push(namespace), { runs: [] }),
  } as Pick<RunStore, 'list'> as RunStore
  return { asked, store: { history, runs, namespace: 'shop' } }
}
const services = (...names: readonly string[]) =>
  names.map(name => {
    const [namespace, service] = name.split('/')
    return { traffic: { namespace, service } }
  }) as unknown as readonly ServiceReading[]

test('records are asked for in the namespace of the command, of the service that it names, or of all', () => {
  const { asked, store } = storeOf()
  beginRecords(store, nothing)
  beginRecords(store, { ...nothing, service: 'catalog' })
  beginRecords(store, { ...nothing, allNamespaces: true })
  assert.deepEqual(asked, [
    { namespace: 'shop' },
    'shop',
    { namespace: 'shop', service: 'catalog' },
    'shop',
    { namespace: '*' },
    '*',
  ])
})

test('nothing is asked for early of files, and of a name that the reading has to find', () => {
  assert.equal(beginRecords({ namespace: 'shop' }, nothing), undefined)
  const { asked, store } = storeOf()
  for (const service of ['catalog.shop', 'svc/catalog'])
    assert.equal(beginRecords(store, { ...nothing, service }), undefined)
  assert.deepEqual(asked, [])
})

test('what was asked for is used for services of its scope alone', () => {
  const about = (scope: HistoryScope, ...names: readonly string[]) => isAbout({ scope }, services(...names))
  assert.equal(about({ namespace: 'shop' }, 'shop/a', 'shop/b'), true)
  assert.equal(about({ namespace: 'shop' }, 'shop/a', 'web/b'), false)
  assert.equal(about({ namespace: '*' }, 'shop/a', 'web/b'), true)
  assert.equal(about({ namespace: 'shop', service: 'a' }, 'shop/a'), true)
  assert.equal(about({ namespace: 'shop', service: 'a' }, 'shop/b'), false)
})

test('who may not read all namespaces is asked again for that of the services, and no other is', async () => {
  const found = (missing: string | undefined, allNamespaces: boolean) => {
    const early = beginRecords(storeOf(missing).store, { ...nothing, allNamespaces })
    return foundEarly(early?.changes, { early, namespace: 'shop' })
  }
  assert.equal(await found('no rights', true), undefined)
  assert.deepEqual(await found('no rights', false), { changes: [], missing: 'no rights' })
  assert.deepEqual(await found(undefined, true), { changes: [] })
})
