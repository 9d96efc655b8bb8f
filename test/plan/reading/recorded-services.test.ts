import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { istioReader } from '../../../shared/providers/istio/reader.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { istio, objects, route, shop } from '../written-worlds.ts'

const host = 'api.example.com'
const entry = (name: string): string =>
  istio('ServiceEntry', 'shop/api', {
    spec: `{hosts: [${name}], ports: [{number: 80, name: http, protocol: HTTP}], resolution: DNS}`,
  })
/** A VirtualService with the record of a cohort of a service. */
const record = (service: string): string =>
  route(
    'shop/any',
    `{hosts: [${host}], http: [{route: [{destination: {host: ${host}}}]}]}`,
    `annotations: {kubectl-canary/cohorts: '${JSON.stringify({
      cohorts: [
        { name: 'internal', service, to: 'v2', since: '2026-01-01T00:00:00Z', routes: ['canary-internal-1'] },
      ],
    })}'}`,
  )
const routed = (...texts: readonly string[]) => {
  const [only] = istioReader.cohorts(snapshot(objects(...texts)), '*')
  assert.ok(only !== undefined)
  const { name, namespace, host: at } = only.routed
  return { name, namespace, ...(at !== undefined && { host: at }) }
}

describe('the service that the record of a cohort names', () => {
  it('is a Service by its name and namespace, also one that is gone', () => {
    const named = { name: 'catalog', namespace: 'shop' }
    assert.deepEqual(routed(record('catalog.shop'), ...shop), named)
    assert.deepEqual(routed(record('catalog.shop')), named)
  })

  it('is a host outside the cluster, also one that is gone', () => {
    const outside = { name: host, namespace: 'shop', host }
    assert.deepEqual(routed(record(host), entry(host)), outside)
    assert.deepEqual(routed(record(host).replaceAll(`host: ${host}`, 'host: other')), outside)
  })
})
