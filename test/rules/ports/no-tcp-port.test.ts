import assert from 'node:assert/strict'
import test from 'node:test'
import { catalogue } from '../../../shared/rules/catalogue.ts'
import { lintView } from '../../../shared/rules/introduced.ts'
import type { ServicePort } from '../../../shared/objects/core.ts'
import type { Finding } from '../../../shared/rules/rule.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { deployment, service, virtualService } from '../../plan/worlds.ts'

/** What is found of a route from `shop` to a Service that has a UDP port alone. */
function found(port?: number): readonly Finding[] {
  const destination = { host: 'catalog', ...(port === undefined ? {} : { port: { number: port } }) }
  const objects = [
    service('catalog', [{ name: 'dns', port: 53, protocol: 'UDP' }]),
    service('shop'),
    deployment('catalog', { app: 'catalog' }),
    virtualService('shop', { hosts: ['shop'], http: [{ route: [{ destination }] }] }),
  ]
  return lintView(
    { rules: catalogue, settings: { complete: true, relativeWeights: false } },
    snapshot(objects),
  )
}

for (const port of [undefined, 80]) {
  const title = 'a host without a TCP port is said to have none'
  test(`${title}${port === undefined ? '' : `, also where port ${port} is named`}`, () => {
    const id = port === undefined ? 'ambiguous-port' : 'unknown-port'
    const finding = found(port).find(({ rule }) => rule === id)
    assert.match(finding!.message, /; it has no TCP port$/)
    assert.match(finding!.fix, /^Add a TCP port to catalog\.istioinaction\.svc\.cluster\.local, or route to /)
  })
}

/** The fix of http routes on the ports of a Service, and what is found once the Service has these ports. */
const ignored = (ports: readonly ServicePort[]): readonly Finding[] =>
  lintView(
    { rules: catalogue, settings: { complete: true, relativeWeights: false } },
    snapshot([
      service('catalog', ports),
      deployment('catalog', { app: 'catalog' }),
      virtualService('catalog', {
        hosts: ['catalog'],
        http: [{ route: [{ destination: { host: 'catalog' } }] }],
      }),
    ]),
  ).filter(({ rule }) => rule === 'http-route-on-non-http-port')

for (const [name, set] of [
  ['http', { protocol: 'TCP' }],
  ['dns', { protocol: 'TCP' }],
  ['udp-dns', { protocol: 'TCP', appProtocol: 'http' }],
] as const)
  test(`http routes on a UDP port ${name} alone are fixed by a TCP port`, () => {
    const port = { name, port: 80, protocol: 'UDP' }
    const [finding] = ignored([port])
    for (const [key, value] of Object.entries(set))
      assert.ok(finding!.fix.includes(`"path":"/spec/ports/0/${key}","value":"${value}"`), finding!.fix)
    assert.equal(finding!.fix.includes('appProtocol'), 'appProtocol' in set)
    assert.deepEqual(ignored([{ ...port, ...set }]), [])
  })

test('http routes on a TCP port are fixed by tcp routes where it does not speak HTTP', () => {
  const [finding] = ignored([{ name: 'tcp-pg', port: 5432 }])
  assert.match(finding!.fix, /^If port 5432 does not speak HTTP, .* spec\.tcp\. Otherwise:\nkubectl patch /)
})
