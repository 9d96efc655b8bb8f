import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { CanaryError } from '../../shared/objects/canary-error.ts'
import type { VirtualService } from '../../shared/objects/virtual-service.ts'
import { openManifests } from '../../shared/manifests/open-manifests.ts'
import { SectionReader } from '../../shared/manifests/yaml/documents.ts'
import { descendants, type Node, type Scalar } from '../../shared/manifests/yaml/node.ts'
import type { Change } from '../../shared/view/change.ts'
import type { Store } from '../../shared/view/store.ts'

const route = (name: string): string => `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: ${name}
spec:
  hosts:
    - ${name}
  http:
    - route:
        - destination:
            host: ${name}
            subset: v1 # stable
      timeout: 3s
`
const catalog = route('catalog')
const files = { 'a-orders.yaml': route('orders'), 'catalog.yaml': `${catalog}---\n${route('webapp')}` }

/** Two files, and an edit of a route in each. */
async function opened(
  t: TestContext,
): Promise<{ store: Store; changes: readonly Change[]; texts: () => object }> {
  const path = mkdtempSync(join(tmpdir(), 'canary-verify-'))
  t.after(() => rmSync(path, { recursive: true, force: true }))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text)
  const store = await openManifests({ paths: [path], namespace: 'shop' })
  const { view } = await store.read({ namespaces: '*' })
  return {
    store,
    changes: ['orders', 'catalog'].map(name => {
      const before = view.get({ kind: 'VirtualService', namespace: 'shop', name })!
      return { before, after: toV2(before) }
    }),
    texts: () =>
      Object.fromEntries(readdirSync(path).map(name => [name, readFileSync(join(path, name), 'utf8')])),
  }
}

const toV2 = (object: VirtualService): VirtualService => ({
  ...object,
  spec: {
    ...object.spec,
    http: object.spec.http!.map(each => ({
      ...each,
      route: each.route!.map(({ destination }) => ({ destination: { ...destination, subset: 'v2' } })),
    })),
  },
})

type Ranged = { -readonly [K in keyof Scalar]: Scalar[K] }
const scalar = (root: Node, text: string): Ranged =>
  [...descendants(root)].find((node): node is Scalar => node.type === 'scalar' && node.text === text)!

type Reading = (this: SectionReader, text: string) => Node | undefined

/** From now on one document is read with wrong ranges, so that its edit is spliced in at the wrong place. */
function misplace(t: TestContext, spoil: (root: Node) => void): { readonly restore: () => void } {
  const readNow: Reading = Reflect.get(SectionReader.prototype, 'readNow')
  const { mock } = t.mock.method(
    SectionReader.prototype,
    'readNow',
    function (this: SectionReader, text: string) {
      const root = readNow.call(this, text)
      if (text === catalog && root !== undefined) spoil(root)
      return root
    },
  )
  return { restore: () => mock.restore() }
}

const wrongRanges: Readonly<Record<string, (root: Node) => void>> = {
  'lands on another value, and still is YAML': root => {
    const { start, end } = scalar(root, '3s')
    Object.assign(scalar(root, 'v1'), { start, end })
  },
  'takes along what follows': root => {
    Object.assign(scalar(root, 'v1'), { end: catalog.length - 1 })
  },
  'takes along what stands before it': root => {
    scalar(root, 'v1').start -= 'host: catalog\n            subset: '.length
  },
  'leaves a part of the old value': root => {
    scalar(root, 'v1').start += 1
  },
  'makes what cannot be read': root => {
    scalar(root, 'v1').start -= 'subset: '.length
    scalar(root, 'v1').end -= 'v1'.length
  },
}

for (const [title, spoil] of Object.entries(wrongRanges))
  test(`an edit that ${title} is not written, nor is any other of the same command`, async t => {
    const { store, changes, texts } = await opened(t)
    const wrong = misplace(t, spoil)
    const isFailed = (error: unknown): boolean =>
      error instanceof CanaryError && error.code === 'failed' && /catalog\.yaml/.test(error.message)
    await assert.rejects(store.apply(changes, { dryRun: 'none' }), isFailed)
    await assert.rejects(store.apply(changes, { dryRun: 'client' }), isFailed)
    await assert.rejects(store.diff(changes), isFailed)
    assert.deepEqual(texts(), files)
    wrong.restore()
    await store.apply(changes, { dryRun: 'none' })
    assert.deepEqual(texts(), {
      'a-orders.yaml': files['a-orders.yaml'].replace('v1 #', 'v2 #'),
      'catalog.yaml': files['catalog.yaml'].replace('v1 #', 'v2 #'),
    })
  })
