/** A look at one namespace of a cluster with thousands of them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { listOf, status, type Handle, type Reply, type Seen } from '../api-server.ts'
import { istio, named, paths, read, shop, virtualService } from './reading-cluster.ts'

const cluster = [
  ...Array.from({ length: 5_000 }, (_, i) => ({
    name: `team-${i}`,
    labels: { 'istio-injection': 'enabled' },
  })),
  { name: 'shop', labels: {} },
  { name: 'kube-system', labels: {} },
  { name: 'no-sidecars', labels: { 'istio-injection': 'disabled' } },
].map(({ name, labels }) => ({ metadata: { name, uid: name, labels } }))

/** Answers lists of namespaces by selector, limit and continue, and single ones by name. */
function namespaces({ url }: Seen): Reply | undefined {
  const [, name] = /^\/api\/v1\/namespaces\/([^/]+)$/.exec(url.pathname) ?? []
  if (name !== undefined) {
    const body = cluster.find(({ metadata }) => metadata.name === name)
    return body === undefined ? status(404, 'NotFound', 'not found') : { body }
  }
  if (url.pathname !== '/api/v1/namespaces') return undefined
  const [key, value] = (url.searchParams.get('labelSelector') ?? '').split('=')
  const found = cluster.filter(({ metadata: { labels } }) => {
    const label = (labels as Readonly<Record<string, string | undefined>>)[key ?? '']
    return key === '' || (value === undefined ? label !== undefined : label === value)
  })
  const from = Number(url.searchParams.get('continue') ?? 0)
  const to = from + Number(url.searchParams.get('limit') ?? Infinity)
  return listOf(found.slice(from, to), to < found.length ? String(to) : '')
}

const serving =
  (virtualServices: readonly object[]): Handle =>
  seen =>
    namespaces(seen) ?? paths({ ...shop, [`${istio}/virtualservices`]: listOf(virtualServices) })(seen)

const routed = (exportTo: readonly string[]): object => ({ ...virtualService('a'), spec: { exportTo } })

async function asked(virtualServices: readonly object[]) {
  const { reading, server } = await read(serving(virtualServices))
  const lists = server.seen.filter(({ url }) => url.pathname === '/api/v1/namespaces')
  const names = reading.view.list('Namespace').map(({ metadata }) => metadata.name)
  return { names, lists: lists.length, requests: server.seen.length }
}

test('reads the namespace that is meant, and of others what decides about its sidecars', async () => {
  const { names, lists, requests } = await asked([routed(['.', '*'])])
  assert.deepEqual(names.toSorted(), ['no-sidecars', 'shop', 'team-0', 'team-1'])
  assert.equal(lists, 4)
  assert.ok(requests <= 34, `${requests} requests`)
})

test('a namespace to which something is exported is looked up by its name', async () => {
  const { names, lists } = await asked([routed(['team-4000'])])
  assert.deepEqual([names.includes('team-4000'), lists], [true, 4])
})

test('all are read where something is exported to a namespace that does not exist', async () => {
  const { names } = await asked([routed(['team-9999'])])
  assert.equal(names.length, cluster.length)
})

test('a cluster of one page is read whole, in one request', async () => {
  const { reading, server } = await read(
    paths({ ...shop, '/api/v1/namespaces': listOf([named('shop', ''), named('kube-system', '')]) }),
  )
  assert.equal(reading.view.list('Namespace').length, 2)
  assert.equal(
    server.seen.filter(({ url }) => /^\/api\/v1\/namespaces(\/shop)?$/.test(url.pathname)).length,
    1,
  )
})
