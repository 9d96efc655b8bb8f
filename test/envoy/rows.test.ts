import assert from 'node:assert/strict'
import test, { after } from 'node:test'
import { snapshot } from '../../shared/view/snapshot.ts'
import { orSkip } from '../cluster/cluster-test.ts'
import { decide } from './compare.ts'
import type { RawRequest } from './connection.ts'
import { Envoy } from './envoy.ts'
import { routeMatchOf } from './istio/route-match.ts'
import { rowsOf, type Row } from './rows.ts'

let started: Promise<Envoy> | undefined
after(async () => (await started?.catch(() => undefined))?.stop())

for (const listener of ['gateway', 'sidecar'] as const) {
  test(`a ${listener} of Envoy reads requests as the rows say`, async context => {
    const envoy = await orSkip(context, () => (started ??= Envoy.start()))
    if (!envoy) return
    for (const row of rowsOf(listener)) {
      const routes = [
        { match: routeMatchOf(row.match), direct_response: { status: 200 } },
        { match: { prefix: '' }, direct_response: { status: 404 } },
      ]
      await envoy.route(listener, {
        virtual_hosts: [{ name: 'a', domains: ['a.example.com'], routes }],
        ignore_port_in_host_matching: true,
      })
      const { status } = await envoy.send(listener, requestOf(row))
      assert.equal(status, row.taken ? 200 : 404, JSON.stringify(row))
    }
  })
}

const objectOf = (kind: string, name: string, spec: object) => ({
  apiVersion: kind === 'Service' ? 'v1' : 'networking.istio.io/v1',
  kind,
  metadata: { name, namespace: 'shop', creationTimestamp: '2026-01-01T00:00:00Z' },
  spec,
})
const server = { port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: ['*'] }
const gateway = objectOf('Gateway', 'gw', { selector: { app: 'a' }, servers: [server] })
// Without a Service on its port a sidecar reads no requests.
const service = objectOf('Service', 'a', { ports: [{ name: 'http', port: 80 }] })
const client = { namespace: 'shop', labels: { app: 'a' }, port: 80, isTls: false }

for (const proxy of ['gateway', 'sidecar'] as const) {
  test(`we read requests as a ${proxy} of Envoy does`, () => {
    for (const row of rowsOf(proxy)) {
      const http = [{ match: [row.match], directResponse: { status: 200 } }]
      const routed = { hosts: ['a.example.com'], gateways: ['gw', 'mesh'], http }
      const objects = [gateway, service, objectOf('VirtualService', 'a', routed)]
      const asked = {
        objects,
        client: { ...client, isGateway: proxy === 'gateway' },
        request: requestOf(row),
      }
      assert.equal(decide(snapshot(objects), asked).kind, row.taken ? 'direct' : 'none', JSON.stringify(row))
    }
  })
}

function requestOf({ target, method = 'GET', host = 'a.example.com', headers = [] }: Row): RawRequest {
  return { method, target, headers: [['host', host], ...headers] }
}
