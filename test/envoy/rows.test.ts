import assert from 'node:assert/strict'
import test, { after } from 'node:test'
import { orSkip } from '../cluster/cluster-test.ts'
import { Envoy } from './envoy.ts'
import { routeMatchOf } from './istio/route-match.ts'
import { rows } from './rows.ts'

let started: Promise<Envoy> | undefined
after(async () => (await started?.catch(() => undefined))?.stop())

for (const listener of ['gateway', 'sidecar'] as const) {
  test(`a ${listener} of Envoy reads requests as the rows say`, async context => {
    const envoy = await orSkip(context, () => (started ??= Envoy.start()))
    if (!envoy) return
    for (const row of rows) {
      const { match, target, method = 'GET', host = 'a.example.com', headers = [] } = row
      const routes = [
        { match: routeMatchOf(match), direct_response: { status: 200 } },
        { match: { prefix: '' }, direct_response: { status: 404 } },
      ]
      await envoy.route(listener, {
        virtual_hosts: [{ name: 'a', domains: ['a.example.com'], routes }],
        ignore_port_in_host_matching: true,
      })
      const { status } = await envoy.send(listener, { method, target, headers: [['host', host], ...headers] })
      assert.equal(status, row.taken ? 200 : 404, JSON.stringify(row))
    }
  })
}
