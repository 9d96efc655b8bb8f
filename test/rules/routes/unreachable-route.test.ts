import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { lintView } from '../../../shared/rules/introduced.ts'
import { formatPath } from '../../../shared/rules/rule.ts'
import { unreachableRoute } from '../../../shared/rules/routes/unreachable-route.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { objectsOf } from '../../providers/istio/resolve/corpus.ts'

/** What is found of the routes of a VirtualService: `spec.http[1] (the route that takes its requests): fix`. */
function found(matches: readonly string[], gateways = 'mesh'): readonly string[] {
  const routes = matches.map(match => `{${match}route: [{destination: {host: cart}}]}`)
  const objects = objectsOf(`
{apiVersion: v1, kind: Service, metadata: {name: cart, namespace: shop}, spec: {ports: [{name: http, port: 80}]}}
---
{apiVersion: networking.istio.io/v1, kind: Gateway, metadata: {name: gw, namespace: shop},
 spec: {selector: {istio: gw}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ['*']}]}}
---
{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: cart, namespace: shop},
 spec: {hosts: [cart], gateways: [${gateways}], http: [${routes.join()}]}}
`)
  return lintView(
    { rules: [unreachableRoute], settings: { complete: true, relativeWeights: false } },
    snapshot(objects),
  ).map(({ path, message, fix }) => {
    const by = /(spec\.http\[\d\]) takes? every/.exec(message)?.[1] ?? 'nobody'
    return `${formatPath(path)} (${by}): ${fix}`
  })
}
const ofOps = 'match: [{sourceNamespace: ops}], '
const ofWeb = (gateways: string): string => `match: [{sourceLabels: {app: web}, gateways: [${gateways}]}], `

describe('a route that no proxy has', () => {
  it('is told the route before it that takes every request of all proxies, and is moved or removed', () =>
    assert.deepEqual(found(['match: [{gateways: [mesh]}], ', ofOps, '']), [
      'spec.http[1] (spec.http[0]): Move spec.http[1] before spec.http[0], or remove it.',
      'spec.http[2] (spec.http[0]): Remove spec.http[2].',
    ]))
  it('is reached once gateways do not keep source labels from counting', () => {
    const all = [ofWeb('mesh'), ofOps, '']
    assert.deepEqual(
      found(all),
      [1, 2].map(i => `spec.http[${i}] (spec.http[0]): Remove gateways from the match of spec.http[0].`),
    )
    assert.deepEqual(found([ofWeb('mesh').replace(', gateways: [mesh]', ''), ofOps, '']), [])
  })
  it('is not told to take source labels to the mesh where they are for a gateway', () =>
    assert.deepEqual(found([ofWeb('gw'), 'match: [{uri: {prefix: /a}}], '], 'gw'), [
      'spec.http[1] (spec.http[0]): Move spec.http[1] before spec.http[0], or remove it.',
    ]))
  it('that asks nothing is told all the routes before it that take the requests of some proxies', () => {
    const both = ['match: [{gateways: [gw]}], ', 'match: [{gateways: [mesh]}], ', '']
    assert.deepEqual(found(both, 'mesh, gw'), ['spec.http[2] (spec.http[1]): Remove spec.http[2].'])
    assert.deepEqual(found([both[0]!, ofWeb('mesh'), ''], 'mesh, gw'), [
      'spec.http[2] (spec.http[1]): Remove gateways from the match of spec.http[1].',
    ])
  })
  it('is told its own match where proxies differ in what takes their requests', () =>
    assert.deepEqual(found([ofWeb('mesh'), ofWeb('gw'), 'match: [{gateways: [mesh, gw]}], '], 'mesh, gw'), [
      'spec.http[2] (nobody): Change the match of spec.http[2], or remove the route.',
    ]))
})
