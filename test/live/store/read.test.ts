import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CanaryError } from '../../../shared/objects/canary-error.ts'
import type { Reading } from '../../../shared/view/store.ts'
import { listOf, status, type FakeServer } from '../api-server.ts'
import { forbidden, istio, named, paths, read, shop, unserved, virtualService } from './reading-cluster.ts'

const fails =
  (code: string, message: RegExp) =>
  (error: CanaryError): boolean => {
    assert.equal(error.code, code, error.message)
    assert.match([error.message, ...error.hints].join('\n'), message)
    return true
  }
const pathsOf = ({ seen }: FakeServer): readonly string[] => seen.map(({ url }) => url.pathname)

test('reads routing objects of the whole cluster and the rest of the namespaces that matter, each once, over at most 4 connections', async () => {
  const { reading, server } = await read(
    paths({
      ...shop,
      [`${istio}/virtualservices`]: listOf([virtualService('a'), virtualService('b', 'other')]),
    }),
  )
  assert.deepEqual(
    reading.view.list('VirtualService').map(({ metadata }) => metadata),
    [
      { name: 'a', namespace: 'shop' },
      { name: 'b', namespace: 'other' },
    ],
  )
  assert.deepEqual(reading.view.list('Service')[0], {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'catalog', namespace: 'shop' },
  })
  assert.deepEqual(reading.notes, [])
  assert.equal(new Set(pathsOf(server)).size, server.seen.length)
  assert.ok(pathsOf(server).includes('/apis/apps/v1/namespaces/shop/deployments'))
  assert.ok(server.connections <= 4)
})

test('reads no kinds but those that are wanted', async () => {
  const settings = {
    '/api/v1/namespaces/istio-system/configmaps/istio': { body: named('istio', 'istio-system') },
  }
  const { server } = await read(paths({ ...shop, ...settings }), {
    namespaces: ['shop'],
    kinds: ['VirtualService', 'Service'],
  })
  assert.deepEqual(pathsOf(server).toSorted(), [
    '/api/v1/namespaces/istio-system/configmaps/istio',
    '/api/v1/namespaces/shop/services',
    `${istio}/virtualservices`,
  ])
})

test('follows the pages of a list, and begins again when it expires between two', async () => {
  let expired = false
  const { reading, server } = await read(
    paths({
      ...shop,
      [`${istio}/virtualservices`]: ({ url }) => {
        const at = url.searchParams.get('continue')
        if (at === null) return listOf([virtualService('a')], 'one')
        if (at === 'one' && !expired) {
          expired = true
          return status(410, 'Expired', 'The provided continue parameter is too old')
        }
        return at === 'one' ? listOf([virtualService('b')], 'two') : listOf([virtualService('c')])
      },
    }),
  )
  assert.deepEqual(
    reading.view.list('VirtualService').map(({ metadata }) => metadata.name),
    ['a', 'b', 'c'],
  )
  const lists = server.seen.filter(({ url }) => url.pathname.endsWith('/virtualservices'))
  assert.equal(lists.length, 5)
  assert.ok(lists.every(({ url }) => url.searchParams.get('limit') === '500'))
})

test('a list that expires again and again is asked for in one piece', async () => {
  const { reading } = await read(
    paths({
      ...shop,
      [`${istio}/virtualservices`]: ({ url }) =>
        url.searchParams.has('continue')
          ? status(410, 'Expired', 'too old')
          : listOf([virtualService('a')], url.searchParams.has('limit') ? 'x' : ''),
    }),
  )
  assert.equal(reading.view.list('VirtualService').length, 1)
})

test('finds the version that an old Istio serves by one more question', async () => {
  const old = (kind: string): object => ({
    apiVersion: 'networking.istio.io/v1beta1',
    kind,
    metadata: { name: 'a', namespace: 'shop' },
  })
  const { reading, server } = await read(seen => {
    if (seen.url.pathname === '/apis/networking.istio.io')
      return { body: { versions: [{ version: 'v1beta1' }, { version: 'v1alpha3' }] } }
    if (seen.url.pathname.startsWith(`${istio}/`)) return unserved
    return paths({
      ...shop,
      '/apis/networking.istio.io/v1beta1/virtualservices': listOf([old('VirtualService')]),
      '/apis/networking.istio.io/v1beta1/namespaces/shop/workloadgroups': unserved,
      '/apis/networking.istio.io/v1alpha3/namespaces/shop/workloadgroups': listOf([old('WorkloadGroup')]),
    })(seen)
  })
  assert.equal(reading.view.list('VirtualService')[0]?.apiVersion, 'networking.istio.io/v1beta1')
  assert.equal(reading.view.list('WorkloadGroup').length, 1)
  assert.equal(pathsOf(server).filter(path => path === '/apis/networking.istio.io').length, 1)
})

test('kinds that are not installed are empty lists, and a cluster without Istio is said to be one', async () => {
  const { reading } = await read(seen =>
    seen.url.pathname.startsWith('/apis/networking') || seen.url.pathname.startsWith('/apis/argo')
      ? unserved
      : paths(shop)(seen),
  )
  assert.deepEqual(
    [reading.view.list('VirtualService'), reading.view.list('Rollout'), [...reading.view.unread]],
    [[], [], []],
  )
  assert.match(reading.notes.join('\n'), /^Istio's resources are not installed in this cluster.*$/)
})

test('without permission for the whole cluster the own and the root namespace are read, and it is said', async () => {
  const { reading } = await read(
    paths({
      ...shop,
      [`${istio}/virtualservices`]: forbidden,
      [`${istio}/destinationrules`]: forbidden,
      [`${istio}/namespaces/shop/virtualservices`]: listOf([virtualService('a')]),
      [`${istio}/namespaces/istio-system/destinationrules`]: forbidden,
    }),
  )
  assert.equal(reading.view.list('VirtualService').length, 1)
  assert.equal(reading.view.unread.size, 0)
  assert.deepEqual(reading.notes, [
    'No permission to list virtualservices.networking.istio.io, destinationrules.networking.istio.io in all namespaces: '
      + 'only those in shop, istio-system were read. Objects in other namespaces may affect the same hosts.',
  ])
})

test('a kind that may be read nowhere is not said to be read in some namespaces', async () => {
  const { reading } = await read(
    paths({
      ...shop,
      [`${istio}/gateways`]: forbidden,
      [`${istio}/namespaces/shop/gateways`]: forbidden,
      [`${istio}/namespaces/istio-system/gateways`]: forbidden,
    }),
  )
  assert.deepEqual(reading.notes, [
    'No permission to read gateways.networking.istio.io in shop: cannot check whether the gateways of routes exist.',
  ])
})

test('an optional kind that may not be read is unread, and what was not checked is named', async () => {
  const { reading } = await read(
    paths({
      ...shop,
      '/apis/apps/v1/namespaces/shop/deployments': forbidden,
      '/api/v1/namespaces/shop/pods': forbidden,
      [`${istio}/gateways`]: forbidden,
      [`${istio}/namespaces/shop/gateways`]: forbidden,
      [`${istio}/namespaces/istio-system/gateways`]: forbidden,
    }),
  )
  assert.deepEqual([...reading.view.unread].toSorted(), ['Deployment', 'Gateway', 'Pod'])
  assert.match(
    reading.notes.join('\n'),
    /No permission to read deployments\.apps, pods in shop: cannot check which versions run and whether they are ready\./,
  )
  assert.match(
    reading.notes.join('\n'),
    /No permission to read gateways\.networking\.istio\.io in shop: cannot check whether the gateways of routes exist\./,
  )
})

test('Services or VirtualServices of the own namespace that may not be read are an error', async () => {
  await assert.rejects(
    read(paths({ '/api/v1/namespaces/shop/services': forbidden })),
    fails('forbidden', /cannot list[\s\S]*kubectl auth can-i list services -n shop/),
  )
  await assert.rejects(
    read(
      paths({
        ...shop,
        [`${istio}/virtualservices`]: forbidden,
        [`${istio}/namespaces/shop/virtualservices`]: forbidden,
      }),
    ),
    fails('forbidden', /kubectl auth can-i list virtualservices\.networking\.istio\.io -n shop/),
  )
  await assert.rejects(
    read(paths({ [`${istio}/virtualservices`]: forbidden }), { namespaces: '*' }),
    fails('forbidden', /can-i list virtualservices\.networking\.istio\.io -A/),
  )
})

test('a namespace that does not exist is an error, an empty one is not, and who may not ask is believed', async () => {
  await assert.rejects(
    read(paths({})),
    fails('not-found', /namespace shop does not exist[\s\S]*kubectl get namespaces/),
  )
  const empty = await read(paths({ '/api/v1/namespaces/shop': { body: named('shop', '') } }))
  assert.equal(empty.reading.view.list('Service').length, 0)
  await read(paths({ '/api/v1/namespaces/shop': forbidden }))
})

test("the mesh settings come from Istio's ConfigMap, and what is given wins", async () => {
  const configMap = {
    ...named('istio', 'istio-system'),
    data: { mesh: 'rootNamespace: istio-config\ndefaultVirtualServiceExportTo: [.]\n' },
  }
  const handle = paths({ ...shop, '/api/v1/namespaces/istio-system/configmaps/istio': { body: configMap } })
  const { mesh } = (await read(handle)).reading.view
  assert.deepEqual(
    [
      mesh.rootNamespace,
      mesh.defaultExportTo.virtualService,
      mesh.defaultExportTo.service,
      mesh.clusterDomain,
    ],
    ['istio-config', ['.'], ['*'], 'cluster.local'],
  )
  const given = await read(handle, { namespaces: ['shop'], mesh: { clusterDomain: 'corp' } })
  assert.equal(given.reading.view.mesh.clusterDomain, 'corp')
})

test("mesh settings that cannot be read are Istio's defaults, with a word about it", async () => {
  const at = '/api/v1/namespaces/istio-system/configmaps/istio'
  assert.match(
    (await read(paths({ ...shop, [at]: forbidden }))).reading.notes.join(),
    /No permission to read configmaps istio in istio-system: Istio's default/,
  )
  assert.match(
    (
      await read(
        paths({ ...shop, [at]: { body: { ...named('istio', 'istio-system'), data: { mesh: 'a: [' } } } }),
      )
    ).reading.notes.join(),
    /istio-system\/istio: data.mesh cannot be read/,
  )
})

test('reads the labels of all namespaces, else of those that matter, and says nothing where it may not', async () => {
  const labelled = (name: string): object => ({
    metadata: { name, uid: name, labels: { 'istio-injection': 'enabled' } },
  })
  const namesIn = ({ reading: { view } }: { readonly reading: Reading }): readonly string[] =>
    view.list('Namespace').map(({ metadata: { name, labels } }) => `${name}:${labels?.['istio-injection']}`)
  const all = await read(
    paths({ ...shop, '/api/v1/namespaces': listOf([labelled('other'), labelled('shop')]) }),
  )
  assert.deepEqual(namesIn(all), ['other:enabled', 'shop:enabled'])
  const own = await read(
    paths({
      ...shop,
      '/api/v1/namespaces': forbidden,
      '/api/v1/namespaces/shop': { body: labelled('shop') },
    }),
  )
  assert.deepEqual(namesIn(own), ['shop:enabled'])
  assert.deepEqual([[...own.reading.view.unread], own.reading.notes], [[], []])
  const none = { ...shop, '/api/v1/namespaces': forbidden, '/api/v1/namespaces/shop': forbidden }
  for (const namespaces of [['shop'], '*'] as const) {
    const { view, notes } = (await read(paths(none), { namespaces })).reading
    assert.deepEqual([[...view.unread], notes], [['Namespace'], []])
  }
})

test('asks for the pods and ReplicaSets that nobody else answers for', async () => {
  const owned = named('b', 'shop', {
    ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'r', controller: true }],
  })
  const foreign = named('c', 'shop', {
    ownerReferences: [{ apiVersion: 'example.com/v1', kind: 'Fleet', name: 'r', controller: true }],
  })
  const { reading, server } = await read(
    paths({ ...shop, '/api/v1/namespaces/shop/pods': listOf([named('a'), owned, foreign]) }),
  )
  assert.deepEqual(
    reading.view.list('Pod').map(({ metadata }) => metadata.name),
    ['a', 'c'],
  )
  const selectorOf = (plural: string): string | null | undefined =>
    server.seen.find(({ url }) => url.pathname.endsWith(plural))?.url.searchParams.get('labelSelector')
  assert.match(selectorOf('/pods') ?? '', /^!pod-template-hash,!rollouts-pod-template-hash$/)
  assert.match(selectorOf('/replicasets') ?? '', /!pod-template-hash/)
})

test('expired credentials are one error', async () => {
  await assert.rejects(
    read(() => status(401, 'Unauthorized', 'Unauthorized')),
    fails('unauthorized', /rejects the credentials of test[\s\S]*Log in again/),
  )
})
