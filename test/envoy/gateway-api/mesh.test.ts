import assert from 'node:assert/strict'
import test, { after, type TestContext } from 'node:test'
import type { ServiceRoute } from '../../../shared/objects/gateway-api.ts'
import { route as decide } from '../../../shared/providers/gateway-api/route/route.ts'
import { orSkip } from '../../cluster/cluster-test.ts'
import { fc } from '../../properties.ts'
import { route, toService, viewOf } from '../../providers/gateway-api/written-objects.ts'
import { re2, workload } from '../../routing/requests.ts'
import { echoClusters } from '../bootstrap.ts'
import type { RawRequest, RawResponse } from '../connection.ts'
import { Envoy } from '../envoy.ts'
import { assertDecided, assertPart, requestOf, serviceAt } from './compare.ts'
import { meshRoutesFor, type MeshClient } from './mesh-routes.ts'
import { fixed, requestTo, routesOf, services, type WorldKind } from './worlds.ts'

let started: Promise<Envoy> | undefined
after(async () => (await started?.catch(() => undefined))?.stop())
const running = (context: TestContext) => orSkip(context, () => (started ??= Envoy.start()))

const service = { namespace: 'shop', name: 'catalog' }
const parents = [toService('catalog', { namespace: 'shop' })]
const clientOf = (namespace: string): MeshClient => ({ namespace, service, services })

/** An answer in which the echo says whose cluster it was. */
function answeredBy(response: RawResponse): RawResponse {
  const of = services[echoClusters.indexOf(response.headers['x-sent-cluster'] ?? echoClusters[0]!)]!
  return { ...response, headers: { ...response.headers, 'x-answered-by': of } }
}

const kind: WorldKind = {
  parents,
  paths: ['/', '/a', '/a/', '/a/b', '/b'],
  mostMatches: 3,
  mixesFaults: true,
  redirectsByQuery: true,
}
const created = ['2020-01-01T00:00:00Z', '2021-01-01T00:00:00Z', '2020-01-01T00:00:00Z']
const aged = (routes: readonly ServiceRoute[]): readonly ServiceRoute[] =>
  routes.map((object, i) => ({
    ...object,
    metadata: { ...object.metadata, creationTimestamp: created[i % created.length]! },
  }))
const worlds = 40
const requestsEach = 250

test('agrees with Envoy on every request of the mesh, for producers and consumers', async context => {
  const envoy = await running(context)
  if (!envoy) return
  const answers = new Map<string, number>()
  const asked = requestTo('catalog.shop', 'catalog.shop.svc.cluster.local:80')
  const requests = fc.sample(asked, worlds * requestsEach)
  for (const [i, routes] of fc.sample(routesOf(kind), worlds).map(aged).entries()) {
    const client = clientOf(['web', 'shop', 'ops', 'web'][i % 4]!)
    await envoy.route('sidecar', meshRoutesFor(routes, client))
    const view = viewOf([...fixed, ...routes])
    for (const raw of requests.slice(i * requestsEach, (i + 1) * requestsEach)) {
      const request = requestOf(raw, workload(client.namespace))
      const decision = decide(view, request, { regex: re2 })
      const response = answeredBy(await envoy.send('sidecar', raw))
      assertDecided(decision, request, response)
      const answer = `${decision.kind} ${response.status}`
      answers.set(answer, (answers.get(answer) ?? 0) + 1)
    }
  }
  for (const answer of ['none 404', 'route 200', 'redirect 302', 'route 500', 'direct 500'])
    assert.ok((answers.get(answer) ?? 0) > 10, `${answer}: ${JSON.stringify([...answers])}`)
})

test('of 10,000 requests of the mesh each backend gets its part, those that are not valid theirs as errors', async context => {
  const envoy = await running(context)
  if (!envoy) return
  const to = (name: string, weight: number) => ({ name, port: 80, weight })
  const rules = [
    { backendRefs: [to('catalog-v1', 12), to('catalog-v2', 5), to('gone', 3)] },
    { matches: [{ headers: [{ name: 'x-cohort', value: 'beta' }] }], backendRefs: [to('catalog-v2', 1)] },
  ]
  const routes = [route('shop/canary', { parents, rules })]
  await envoy.route('sidecar', meshRoutesFor(routes, clientOf('web')))
  const view = viewOf([...fixed, ...routes])
  const ask = async (count: number, headers: RawRequest['headers']) => {
    const raw = { method: 'GET', target: '/items', headers: [['host', 'catalog.shop'], ...headers] } as const
    const { destinations } = decide(view, requestOf(raw, workload('web')), { regex: re2 })
    const answered = new Map<string, number>()
    for (let i = 0; i < count; i++) {
      const response = answeredBy(await envoy.send('sidecar', raw))
      const by = response.status === 200 ? response.headers['x-answered-by']! : String(response.status)
      answered.set(by, (answered.get(by) ?? 0) + 1)
    }
    for (const { host, percent, failure } of destinations)
      assertPart(answered.get(failure === undefined ? serviceAt(host) : '500') ?? 0, { of: count, percent })
    return [...answered.keys()].toSorted()
  }
  assert.deepEqual(await ask(10_000, []), ['500', 'shop/catalog-v1', 'shop/catalog-v2'])
  assert.deepEqual(await ask(1_000, [['x-cohort', 'beta']]), ['shop/catalog-v2'])
})
