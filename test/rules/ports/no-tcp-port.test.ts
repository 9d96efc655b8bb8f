import assert from 'node:assert/strict'
import test from 'node:test'
import { catalogue } from '../../../shared/rules/catalogue.ts'
import { lintView } from '../../../shared/rules/introduced.ts'
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
