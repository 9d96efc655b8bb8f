import assert from 'node:assert/strict'
import test, { after, type TestContext } from 'node:test'
import { normalizePath } from '../../shared/routing/request/normalize-path.ts'
import { sessionOf } from '../../shared/view/session.ts'
import { snapshot } from '../../shared/view/snapshot.ts'
import { orSkip } from '../cluster/cluster-test.ts'
import { fc } from '../properties.ts'
import { echoClusters } from './bootstrap.ts'
import { answerOf, decide } from './compare.ts'
import { Envoy } from './envoy.ts'
import { path, request } from './requests.ts'
import { listenerOf, routesFor } from './translate.ts'
import { world } from './worlds.ts'

let started: Promise<Envoy> | undefined
const running = (context: TestContext) => orSkip(context, () => (started ??= Envoy.start()))
after(async () => (await started?.catch(() => undefined))?.stop())

const worldAndRequests = world.chain(world =>
  fc.record({
    world: fc.constant(world),
    requests: fc.array(request(world.client.isGateway), { minLength: 1, maxLength: 80, size: 'max' }),
  }),
)

test('decides about requests as Envoy does with the routes that Istio makes', async context => {
  const envoy = await running(context)
  if (!envoy) return
  const property = fc.asyncProperty(worldAndRequests, async ({ world, requests }) => {
    const listener = listenerOf(world.client)
    await envoy.route(listener, routesFor(world.objects, world.client))
    const view = sessionOf(snapshot(world.objects))
    for (const request of requests) {
      const asked = { ...world, request }
      const answer = answerOf(await envoy.send(listener, request), asked)
      assert.deepEqual(decide(view, asked), answer, JSON.stringify(request))
    }
  })
  await fc.assert(property, { numRuns: 100 })
})

test('normalizes paths as Envoy does', async context => {
  const envoy = await running(context)
  if (!envoy) return
  const route = { match: { prefix: '' }, route: { cluster: echoClusters[0] } }
  await envoy.route('sidecar', {
    virtual_hosts: [{ name: 'all', domains: ['*'], routes: [route] }],
    ignore_port_in_host_matching: true,
  })
  const property = fc.asyncProperty(path, async target => {
    const { status, headers } = await envoy.send('sidecar', {
      method: 'GET',
      target,
      headers: [['host', 'a']],
    })
    assert.equal(status, 200)
    assert.equal(normalizePath(target), headers['x-sent-path'])
  })
  await fc.assert(property, { numRuns: 2000 })
})
