import assert from 'node:assert/strict'
import { test } from 'node:test'
import { listOf } from '../api-server.ts'
import { forbidden, named, paths, read, shop } from './reading-cluster.ts'

test('a kind that nobody serves may still be forbidden, and nothing is lost', async () => {
  const kruise = '/apis/apps.kruise.io/v1alpha1/namespaces/shop/clonesets'
  const without = (await read(paths({ ...shop, [kruise]: forbidden }))).reading
  assert.deepEqual([[...without.view.unread], without.notes], [[], []])
  const group = { body: { versions: [{ version: 'v1alpha1' }] } }
  const served = (await read(paths({ ...shop, [kruise]: forbidden, '/apis/apps.kruise.io': group }))).reading
  assert.deepEqual([...served.view.unread], ['CloneSet'])
  assert.match(served.notes.join(), /No permission to read clonesets\.apps\.kruise\.io in shop/)
})

const groups = (...names: readonly string[]): object => ({
  '/api': { body: { versions: ['v1'] } },
  '/apis': {
    body: {
      groups: ['apps', 'networking.istio.io', ...names].map(name => ({
        name,
        versions: [{ groupVersion: `${name}/v1`, version: 'v1' }],
      })),
    },
  },
})
const askedFor = ({ server }: Awaited<ReturnType<typeof read>>): readonly string[] => [
  ...new Set(
    server.seen.flatMap(({ url }) => /^\/apis\/([\w-]+\.[\w.-]+)\/\w+\//.exec(url.pathname)?.[1] ?? []),
  ),
]
const optional = [
  'apisix.apache.org',
  'apps.kruise.io',
  'apps.openshift.io',
  'argoproj.io',
  'gateway.networking.k8s.io',
]

test('kinds whose group the API server does not have are not asked for', async () => {
  const without = await read(paths({ ...shop, ...groups() }))
  assert.deepEqual(
    askedFor(without).filter(group => optional.includes(group)),
    [],
  )
  assert.ok(without.reading.view.absent?.has('HTTPRoute') === true)
  const routes = { '/apis/gateway.networking.k8s.io/v1/httproutes': listOf([named('web')]) }
  const found = await read(paths({ ...shop, ...groups('gateway.networking.k8s.io'), ...routes }))
  assert.deepEqual(
    askedFor(found).filter(group => optional.includes(group)),
    ['gateway.networking.k8s.io'],
  )
  assert.equal(found.reading.view.list('HTTPRoute').length, 1)
})

test('kinds are asked for where the API server does not tell its groups', async () => {
  for (const refusal of [forbidden, { status: 500, body: 'broken' }, { body: 'no JSON' }]) {
    const asked = await read(paths({ ...shop, '/apis': refusal }))
    assert.deepEqual(
      askedFor(asked)
        .filter(group => optional.includes(group))
        .toSorted(),
      optional,
    )
  }
})

const revision = (rev: string, rest: { readonly created: string; readonly mesh: string }): object => ({
  ...named(`istio-${rev}`, 'istio-system', { creationTimestamp: rest.created }),
  data: { mesh: rest.mesh },
})
const noMesh = { ...named('istio-ca-root-cert', 'istio-system'), data: { 'root-cert.pem': '' } }
const [older, newer] = [
  revision('1-29', { created: '2026-01-01T00:00:00Z', mesh: 'rootNamespace: older' }),
  revision('1-30', { created: '2026-06-01T00:00:00Z', mesh: 'rootNamespace: newer' }),
]
const listed = '/api/v1/namespaces/istio-system/configmaps'

test("the mesh settings of an install by revision come from the revision's ConfigMap", async () => {
  const { reading } = await read(paths({ ...shop, [listed]: listOf([noMesh, older]) }))
  assert.equal(reading.view.mesh.rootNamespace, 'older')
  assert.deepEqual(reading.notes, [])
  assert.match(
    (await read(paths({ ...shop, [listed]: forbidden }))).reading.notes.join(),
    /No permission to list configmaps in istio-system/,
  )
})

test('of revisions that disagree the default one counts, else the newest, with a word about it', async () => {
  const newest = (await read(paths({ ...shop, [listed]: listOf([newer, older]) }))).reading
  assert.equal(newest.view.mesh.rootNamespace, 'newer')
  assert.match(
    newest.notes.join(),
    /istio-1-29, istio-1-30 in istio-system .* istio-1-30 is used, the newest/,
  )
  const tag = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/istio-revision-tag-default'
  const tagged = (
    await read(
      paths({
        ...shop,
        [listed]: listOf([newer, older]),
        [tag]: { body: { metadata: { labels: { 'istio.io/rev': '1-29' } } } },
      }),
    )
  ).reading
  assert.equal(tagged.view.mesh.rootNamespace, 'older')
  assert.match(tagged.notes.join(), /istio-1-29 is used, the default revision/)
})

const canaries = '/apis/flagger.app/v1beta1/namespaces/shop/canaries'
const owned = {
  '/api/v1/namespaces/shop/services': listOf([
    named('catalog', 'shop', {
      ownerReferences: [
        { apiVersion: 'flagger.app/v1beta1', kind: 'Canary', name: 'c', uid: 'u', controller: true },
      ],
    }),
  ]),
}

test('Canaries are asked for where one owns an object that was read, and nowhere else', async () => {
  const asks = ({ server }: Awaited<ReturnType<typeof read>>): boolean =>
    server.seen.some(({ url }) => url.pathname.includes('flagger'))
  assert.equal(asks(await read(paths(shop))), false)
  const found = await read(paths({ ...owned, [canaries]: listOf([named('c')]) }))
  assert.equal(asks(found), true)
  assert.deepEqual(
    found.reading.view.list('Canary').map(({ metadata }) => metadata.name),
    ['c'],
  )
})

test('a right on Canaries that is missing is said where one owns an object, and the rest is read', async () => {
  const group = { body: { versions: [{ version: 'v1beta1' }] } }
  const { reading } = await read(paths({ ...owned, [canaries]: forbidden, '/apis/flagger.app': group }))
  assert.deepEqual([...reading.view.unread], ['Canary'])
  assert.match(reading.notes.join(), /No permission to read canaries\.flagger\.app in shop/)
})
