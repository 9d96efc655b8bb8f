/** What led a client to a host before a change, where its route after it asks for something that no route asked for before. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { subsetHiddenFromClients } from '../../../shared/rules/subsets/subset-hidden-from-clients.ts'
import { judgeChanges } from '../../../shared/rules/introduced.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { objectsOf } from '../../providers/istio/resolve/corpus.ts'

const one = (text: string): KubeObject => objectsOf(text)[0]!
const service = (name: string): KubeObject =>
  one(
    `{apiVersion: v1, kind: Service, metadata: {name: ${name}, namespace: shop}, spec: {selector: {app: ${name}}, ports: [{name: http, port: 80}]}}`,
  )
const rule = (namespace: string, spec: string): KubeObject =>
  one(
    `{apiVersion: networking.istio.io/v1, kind: DestinationRule, metadata: {name: catalog, namespace: ${namespace}}, spec: {host: catalog.shop.svc.cluster.local, ${spec}}}`,
  )
const routes = (http: string, hosts = 'catalog'): KubeObject =>
  one(
    `{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: catalog, namespace: shop}, spec: {hosts: ['${hosts}'], http: [${http}]}}`,
  )
const to = (host: string, subset?: string): string =>
  `route: [{destination: {host: ${host}${subset === undefined ? '' : `, subset: ${subset}`}}}]`
/** Nobody in web sees v1 or v2. */
const world = [
  service('catalog'),
  service('old'),
  rule('shop', 'subsets: [{name: v1}, {name: v2}]'),
  rule('web', 'trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}'),
]

const judge = { rules: [subsetHiddenFromClients], settings: { complete: true, relativeWeights: false } }
const weights = (before: KubeObject | undefined, after: KubeObject): readonly string[] =>
  judgeChanges(judge, snapshot([...world, ...(before === undefined ? [] : [before])]), [
    { before, after },
  ]).introduced.map(({ severity }) => severity.webhook)

const [any, lost] = ['match: [{uri: {prefix: /a}}]', 'match: [{port: 80, uri: {prefix: /b}}]']

describe('a route on new conditions to a subset that a client does not see', () => {
  it('takes nothing from a client whose only route led to another one that it does not see', () =>
    assert.deepEqual(
      weights(routes(`{${to('catalog', 'v1')}}`), routes(`{${lost}, ${to('catalog', 'v2')}}`)),
      ['warning'],
    ))
  it('takes from a client the answer that a route gave by itself', () =>
    assert.deepEqual(
      weights(routes('{redirect: {uri: /closed}}'), routes(`{${lost}, ${to('catalog', 'v2')}}`)),
      ['error'],
    ))
  it('takes from a client the other host to which it was led', () =>
    assert.deepEqual(weights(routes(`{${to('old')}}`), routes(`{${lost}, ${to('catalog', 'v2')}}`)), [
      'error',
    ]))
  it('takes nothing from a client that lost the host before, whatever else it was led to', () =>
    assert.deepEqual(
      weights(
        routes(`{${any}, ${to('old')}}, {${to('catalog', 'v1')}}`),
        routes(`{${lost}, ${to('catalog', 'v2')}}, {match: [{port: 80}], ${to('catalog', 'v2')}}`),
      ),
      ['warning', 'warning'],
    ))
})

describe('a first route to a subset that a client does not see', () => {
  const first = (hosts: string): readonly string[] =>
    weights(undefined, routes(`{${to('catalog', 'v1')}}`, hosts))
  it("takes Istio's own route from it, also where its hosts are a wildcard", () => {
    assert.deepEqual(first('catalog'), ['error'])
    assert.deepEqual(first('*.shop.svc.cluster.local'), ['error'])
  })
  it('takes nothing from it where nobody answered for its hosts', () => {
    assert.deepEqual(first('nowhere.example.com'), ['warning'])
    assert.deepEqual(first('*.example.com'), ['warning'])
  })
})

it('a mirror of the subset that a client loses takes nothing more', () => {
  const mirror = 'mirror: {host: catalog, subset: v1}'
  assert.deepEqual(weights(routes(`{${to('catalog')}}`), routes(`{${to('catalog', 'v1')}, ${mirror}}`)), [
    'error',
    'warning',
  ])
})
