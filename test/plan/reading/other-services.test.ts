import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CanaryError } from '../../../shared/objects/canary-error.ts'
import { planWeight } from '../../../shared/plan/plan-weight.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { target, weights } from '../intents.ts'
import { objects, route, shop, to, trafficIn } from '../written-worlds.ts'

const full = 'catalog.shop.svc.cluster.local'
const leading = (host: string, namespace = 'shop'): string =>
  route(`${namespace}/catalog`, `{hosts: [${full}], http: [${to('v2', host)}]}`)
const versionsIn = (text: string): readonly string[] =>
  trafficIn([...shop, text]).entryPoints.flatMap(({ splits }) =>
    splits.flatMap(({ shares }) => shares.map(({ version }) => version)),
  )
const refused = (text: string): CanaryError => {
  const intent = { ...weights(['v2', 10]), target: { ...target, namespace: 'shop', service: 'catalog' } }
  try {
    planWeight(snapshot(objects(...shop, text)), intent)
  } catch (error) {
    if (error instanceof CanaryError) return error
  }
  throw new assert.AssertionError({ message: 'nothing was refused' })
}

describe('a route of a service that leads to another one', () => {
  it('says which one, with its namespace where that is another one', () => {
    assert.deepEqual(versionsIn(leading('orders')), ['orders v2'])
    assert.deepEqual(versionsIn(leading('orders.other.svc.cluster.local')), ['orders.other v2'])
    assert.deepEqual(versionsIn(leading('catalog', 'infra')), ['catalog.infra v2'])
    assert.deepEqual(versionsIn(leading('api.example.com')), ['api.example.com v2'])
  })
  it('is refused with the host that leads to the service from where the route is', () => {
    for (const [namespace, host] of [
      ['shop', 'catalog'],
      ['infra', full],
    ] as const) {
      const { hints } = refused(leading('orders', namespace))
      const [said] = hints.flatMap(hint => /destination\.host: (\S+)\)/.exec(hint)?.[1] ?? [])
      assert.equal(said, host)
      assert.deepEqual(versionsIn(leading(said, namespace)), ['v2'])
    }
    assert.match(
      refused(leading('catalog', 'infra')).message,
      / to catalog\.infra\.svc\.cluster\.local instead$/,
    )
  })
})
