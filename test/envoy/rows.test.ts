import assert from 'node:assert/strict'
import test, { after } from 'node:test'
import { snapshot } from '../../shared/view/snapshot.ts'
import { orSkip } from '../cluster/cluster-test.ts'
import { decide } from './compare.ts'
import type { RawRequest } from './connection.ts'
import { Envoy } from './envoy.ts'
import { routeMatchOf } from './istio/route-match.ts'
import { rows, type Row } from './rows.ts'

let started: Promise<Envoy> | undefined
after(async () => (await started?.catch(() => undefined))?.stop())

for (const listener of ['gateway', 'sidecar'] as const) {
  test(`a ${listener} of Envoy reads requests as the rows say`, async context => {
    const envoy = await orSkip(context, () => (started ??= Envoy.start()))
    if (!envoy) return
    for (const row of rows) {
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

const metadata = (name: string) => ({ name, namespace: 'shop', creationTimestamp: '2026-01-01T00:00:00Z' })
const server = { port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: ['*'] }
const gateway = {
  apiVersion: 'networking.istio.io/v1',
  kind: 'Gateway',
  metadata: metadata('gw'),
  spec: { selector: { istio: 'ingress' }, servers: [server] },
}
const client = { isGateway: true, namespace: 'shop', labels: { istio: 'ingress' }, port: 80, isTls: false }

test('we read requests as Envoy does', () => {
  for (const row of rows) {
    const http = [{ match: [row.match], directResponse: { status: 200 } }]
    const spec = { hosts: ['a.example.com'], gateways: ['gw'], http }
    const objects = [
      gateway,
      { apiVersion: gateway.apiVersion, kind: 'VirtualService', metadata: metadata('a'), spec },
    ]
    const { kind } = decide(snapshot(objects), { objects, client, request: requestOf(row) })
    assert.equal(kind, row.taken ? 'direct' : 'none', JSON.stringify(row))
  }
})

function requestOf({ target, method = 'GET', host = 'a.example.com', headers = [] }: Row): RawRequest {
  return { method, target, headers: [['host', host], ...headers] }
}
