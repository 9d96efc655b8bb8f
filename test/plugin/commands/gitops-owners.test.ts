import assert from 'node:assert/strict'
import test from 'node:test'
import type { KubeObject, Metadata } from '../../../shared/objects/kube-object.ts'
import { refuseManaged } from '../../../shared/plan/managers/managers.ts'
import type { Change } from '../../../shared/view/change.ts'
import { MemoryStore, readExample } from '../memory-store.ts'
import { runCommand, words } from '../run-command.ts'

/** The catalog on a cluster, its VirtualServices with a tool's marks, beside what of the tool may be read. */
function catalog(marks: Partial<Metadata>, ...owners: readonly KubeObject[]): MemoryStore {
  const store = new MemoryStore(
    readExample('catalog').map(object => ({
      ...object,
      metadata: {
        ...object.metadata,
        uid: object.metadata.name,
        ...(object.kind === 'VirtualService' && marks),
      },
    })),
  )
  store.owners = owners
  return store
}
const trackedAs = (id: string): Partial<Metadata> => ({
  annotations: { 'argocd.argoproj.io/tracking-id': id },
})
const tracked = trackedAs('shop:networking.istio.io/VirtualService:istioinaction/catalog')
const respects = { syncPolicy: { syncOptions: ['CreateNamespace=true', 'RespectIgnoreDifferences=true'] } }
const application = (ignored: object, more: object = respects, namespace = 'argocd'): KubeObject =>
  ({
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name: 'shop', namespace },
    spec: {
      ignoreDifferences: [{ group: 'networking.istio.io', kind: 'VirtualService', ...ignored }],
      ...more,
    },
  }) as KubeObject
const http = { jqPathExpressions: ['.spec.http'] }
const weights = { jqPathExpressions: ['.spec.http[].route[].weight'] }
const run = (store: MemoryStore, line: string) => runCommand(words(line), { store })

for (const [what, ignored] of [
  ['a path in jq', http],
  ['a JSON pointer', { jsonPointers: ['/spec/http'] }],
  ['our field manager', { managedFieldsManagers: ['kubectl-canary'] }],
  ['globs for group and kind', { group: '*.istio.io', kind: '*', ...http }],
  ['its name and namespace', { name: 'catalog', namespace: 'istioinaction', ...http }],
] as const)
  for (const command of ['weight v2=10', 'cohort internal --to v2', 'promote v2'])
    test(`${command} goes on where the Application ignores the routes by ${what}, and one note says so`, async () => {
      const store = catalog(tracked, application(ignored))
      const { code, stderr } = await run(store, command)
      assert.equal(code, 0, stderr)
      assert.match(
        stderr,
        /^note: VirtualService istioinaction\/catalog is applied by Argo CD, which keeps this edit \(ignoreDifferences of the Application argocd\/shop\)\.\n$/m,
      )
      assert.doesNotMatch(stderr, /may revert/)
      assert.ok(store.applied.length > 0)
    })

for (const [what, app] of [
  ['another kind', application({ kind: 'DestinationRule', ...http })],
  ['another group', application({ group: 'apps', ...http })],
  ['another name', application({ name: 'other', ...http })],
  ['another namespace', application({ namespace: 'other', ...http })],
  ['another field', application({ jsonPointers: ['/spec/hosts'] })],
  ['another field manager', application({ managedFieldsManagers: ['kubectl'] })],
  ['the routes in its diff, but not when it syncs', application(http, {})],
] as const)
  test(`an edit is refused where the Application ignores ${what}`, async () => {
    const store = catalog(tracked, app)
    const { code, stderr } = await run(store, 'weight v2=10')
    assert.equal(code, 3, stderr)
    assert.match(stderr, /is applied by Argo CD \(the Application shop\), which reverts edits/)
    assert.doesNotMatch(stderr, /could not be read/)
    assert.deepEqual(store.applied, [])
    assert.equal((await run(store, 'weight v2=10 --force')).code, 0)
  })

test('where only weights are ignored, a later step goes on, and a new cohort is refused', async () => {
  const store = catalog(tracked, application(weights))
  assert.equal((await run(store, 'weight v2=10 --force')).code, 0)
  const step = await run(store, 'weight v2=20')
  assert.deepEqual([step.code, /which keeps this edit/.test(step.stderr)], [0, true], step.stderr)
  assert.equal((await run(store, 'cohort internal --to v2')).code, 3)
})

test('an Application that may not be read is as none, and the refusal says so', async () => {
  const { code, stderr } = await run(catalog(tracked), 'weight v2=10')
  assert.equal(code, 3)
  assert.match(
    stderr,
    /The Application shop could not be read: whether it ignores this edit already is not known\./,
  )
})

test('the Application is looked for where the mark says, and nothing is asked where there is no mark', async () => {
  const id = ':networking.istio.io/VirtualService:istioinaction/catalog'
  for (const [marks, asked] of [
    [trackedAs(`team-a_shop${id}`), ['applications team-a/shop']],
    [trackedAs(`shop${id}`), ['applications argocd/shop']],
    [{ labels: { 'argocd.argoproj.io/instance': 'team-a_shop' } }, ['applications team-a/shop']],
    [{ labels: { 'app.kubernetes.io/instance': 'shop' } }, ['applications argocd/shop']],
    [
      { labels: { 'helm.toolkit.fluxcd.io/name': 'shop', 'helm.toolkit.fluxcd.io/namespace': 'apps' } },
      ['helmreleases apps/shop'],
    ],
    [{}, []],
    [trackedAs('shop:networking.istio.io/VirtualService:istioinaction/other'), []],
  ] as const) {
    const store = catalog(marks)
    await run(store, 'weight v2=10')
    assert.deepEqual([...new Set(store.askedOwners)], asked, JSON.stringify(marks))
  }
})

test('a tracking id that names another object counts for nothing, as with Argo CD', async () => {
  const copied = trackedAs('shop:networking.istio.io/VirtualService:other/catalog')
  const { code, stderr } = await run(catalog(copied), 'weight v2=10')
  assert.deepEqual([code, stderr], [0, ''])
})

test('the label of most charts counts only where the Application lists the object', async () => {
  const label = { labels: { 'app.kubernetes.io/instance': 'shop' } }
  const listing = (name: string) => ({
    ...application(http, {}),
    status: {
      resources: [{ group: 'networking.istio.io', kind: 'VirtualService', namespace: 'istioinaction', name }],
    },
  })
  assert.equal((await run(catalog(label), 'weight v2=10')).code, 0)
  assert.equal((await run(catalog(label, listing('other')), 'weight v2=10')).code, 0)
  const { code, stderr } = await run(catalog(label, listing('catalog')), 'weight v2=10')
  assert.deepEqual([code, /applied by Argo CD \(the Application shop\)/.test(stderr)], [3, true], stderr)
})

test('an object that would be deleted is refused whatever is ignored: it would be made again', () => {
  const before = catalog(tracked).objects.find(
    ({ kind, metadata }) => kind === 'VirtualService' && metadata.name === 'catalog',
  )!
  const all = application({
    kind: '*',
    group: '*',
    jsonPointers: [''],
    managedFieldsManagers: ['kubectl-canary'],
  })
  const owners = new Map([['applications.argoproj.io argocd/shop', all]])
  const refused = (changes: readonly Change[]) =>
    refuseManaged(changes, { force: false, command: 'undo', owners })
  assert.doesNotThrow(() => refused([{ before, after: before }]))
  assert.throws(() => refused([{ before }]), { code: 'refused' })
})

for (const annotation of ['reconcile: disabled', 'ssa: IfNotPresent', 'ssa: Ignore'])
  test(`an object with ${annotation} is left by Flux, and edited without a word`, async () => {
    const [key, value = ''] = annotation.split(': ')
    const store = catalog({
      labels: { 'kustomize.toolkit.fluxcd.io/name': 'shop' },
      annotations: { [`kustomize.toolkit.fluxcd.io/${key}`]: value },
    })
    const { code, stderr } = await run(store, 'weight v2=10')
    assert.deepEqual([code, stderr], [0, ''])
  })

const released = {
  labels: { 'helm.toolkit.fluxcd.io/name': 'shop', 'helm.toolkit.fluxcd.io/namespace': 'apps' },
}
const release = (driftDetection: object | undefined): KubeObject =>
  ({
    apiVersion: 'helm.toolkit.fluxcd.io/v2',
    kind: 'HelmRelease',
    metadata: { name: 'shop', namespace: 'apps' },
    spec: { driftDetection },
  }) as KubeObject
const ignore = (target: object | undefined, paths = ['/spec/http']): object => ({
  mode: 'enabled',
  ignore: [{ paths, ...(target && { target }) }],
})

for (const [what, drift, code] of [
  ['is not looked for', undefined, 0],
  ['is only reported', { mode: 'warn' }, 0],
  ['is corrected', { mode: 'enabled' }, 3],
  ['of the routes is ignored everywhere', ignore(undefined), 0],
  ['of the routes is ignored by kind and name', ignore({ kind: 'Virtual.*', name: 'catalog.*' }), 0],
  ['of the routes is ignored elsewhere', ignore({ name: 'cat' }), 3],
  ['of something else is ignored', ignore(undefined, ['/spec/hosts']), 3],
  ['of the routes is ignored by labels', ignore({ labelSelector: 'app=catalog' }), 3],
] as const)
  test(`an edit of what a HelmRelease applies ${code === 0 ? 'goes on' : 'is refused'} where drift ${what}`, async () => {
    const { code: actual, stderr } = await run(catalog(released, release(drift)), 'weight v2=10')
    assert.equal(actual, code, stderr)
    if (code === 0)
      assert.match(
        stderr,
        drift !== undefined && 'ignore' in drift
          ? /which keeps this edit \(driftDetection of the HelmRelease apps\/shop, until its next upgrade\)/
          : /is applied by Flux, which may revert this edit/,
      )
  })
