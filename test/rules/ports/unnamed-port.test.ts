import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { lintView } from '../../../shared/rules/introduced.ts'
import { unnamedPort } from '../../../shared/rules/ports/unnamed-port.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { objectsOf } from '../../providers/istio/resolve/corpus.ts'

/** The ports that are found, by their places, each with the protocol of the fix. */
function found(ports: string, destination = '{host: cart}'): readonly (readonly [unknown, unknown])[] {
  const objects = objectsOf(`
{apiVersion: v1, kind: Service, metadata: {name: cart, namespace: shop}, spec: {selector: {app: cart}, ports: [${ports}]}}
---
{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: cart, namespace: shop},
 spec: {hosts: [cart], http: [{route: [{destination: ${destination}}]}]}}
`)
  return lintView(
    { rules: [unnamedPort], settings: { complete: true, relativeWeights: false } },
    snapshot(objects),
  ).map(({ path, sets }) => [path[2], sets?.value])
}

describe('a port beside the one that an http route is for', () => {
  const http = '{name: http, port: 80}'
  it('is not used by the route where its number says TCP', () =>
    assert.deepEqual(
      [25, 53, 3306, 27017].flatMap(port => found(`${http}, {name: x, port: ${port}}`)),
      [],
    ))
  it('is no HTTP where its number or name says what else it speaks', () => {
    assert.deepEqual(found(`${http}, {name: x, port: 5432}`), [[1, 'tcp']])
    assert.deepEqual(found(`${http}, {name: my-redis, port: 7100}`), [[1, 'tcp']])
    assert.deepEqual(found(`${http}, {name: api-grpc, port: 9000}`), [[1, 'grpc']])
    assert.deepEqual(found(`${http}, {name: admin, port: 9000}`), [[1, 'http']])
    assert.deepEqual(found('{name: web, port: 80}, {name: db, port: 5432}'), [
      [0, 'http'],
      [1, 'tcp'],
    ])
  })
  it('is the HTTP that the route is for where no other port can be', () =>
    assert.deepEqual(found('{name: db, port: 5432}, {name: my-redis, port: 6379}'), [
      [0, 'http'],
      [1, 'http'],
    ]))
})

it('an http route that names a port is for HTTP there, whatever the number', () =>
  assert.deepEqual(found('{name: http, port: 80}, {name: x, port: 25}', '{host: cart, port: {number: 25}}'), [
    [1, 'http'],
  ]))
