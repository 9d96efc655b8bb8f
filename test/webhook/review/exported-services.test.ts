import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { defaultConfig } from '../../../webhook/config/config.ts'
import { review } from '../../../webhook/review/review.ts'
import { catalogueJudge } from '../judged.ts'
import { namespaceObject, requestFor, service, workload } from '../requests.ts'

const exportedTo = (names: string): KubeObject =>
  service({ annotations: { 'networking.istio.io/exportTo': names } })
const standing = [namespaceObject(), namespaceObject({ name: 'web' }), service(), workload('v1')]
const judged = (after: KubeObject, objects: readonly KubeObject[] = standing) =>
  review(requestFor({ before: service(), after }), {
    view: snapshot(objects),
    judge: catalogueJudge,
    settings: defaultConfig,
  })
const warned = (after: KubeObject) => judged(after).warnings

describe('the annotation of a Service that says who sees it', () => {
  it('is corrected in its own text where a namespace was probably meant', () => {
    assert.deepEqual(
      warned(exportedTo('., wbe ,shop')).map(({ rule, fix }) => [rule, fix]),
      [['unknown-namespace', 'Set metadata.annotations["networking.istio.io/exportTo"]: "., web ,shop"']],
    )
  })
  it('may name namespaces, and have the signs for all, for none and for its own', () => {
    for (const names of ['', '.', '*', '~', 'web', ' web , . ', 'shop,web,istio-system'])
      assert.deepEqual(warned(exportedTo(names)), [], names)
  })
  it('is warned of where its text is no list of names, as nothing else checks it', () => {
    for (const names of ['. web', 'web;shop', '["web"]'])
      assert.deepEqual(
        warned(exportedTo(names)).map(({ rule, message }) => [rule, message]),
        [['unknown-namespace', `${JSON.stringify(names)} is neither ., *, ~ nor the name of a namespace`]],
        names,
      )
  })
  it('gets a finding for a name once, and for ten of many', () => {
    assert.equal(warned(exportedTo('nowhere,nowhere')).length, 1)
    assert.equal(warned(exportedTo(Array.from({ length: 20_000 }, (_, i) => `ns${i}`).join())).length, 10)
  })
})

it('the namespaces that see a Service may not leave out all callers of a route', () => {
  const routed = {
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { name: 'store', namespace: 'shop' },
    spec: {
      hosts: ['store'],
      exportTo: ['web'],
      http: [{ route: [{ destination: { host: 'catalog' } }] }],
    },
  } as KubeObject
  const store = { ...service({ name: 'store' }) } as KubeObject
  const [finding, ...others] = judged(exportedTo('shop'), [...standing, store, routed]).denials
  assert.deepEqual(others, [])
  assert.deepEqual(
    [finding?.rule, finding?.message, finding?.fix],
    [
      'unknown-host',
      'catalog.shop.svc.cluster.local is not visible to clients in web',
      [
        'Keep in Service shop/catalog, as it was:',
        'no metadata.annotations["networking.istio.io/exportTo"]',
        'Or first delete VirtualService shop/store:',
        'kubectl delete virtualservices.networking.istio.io store -n shop',
      ].join('\n'),
    ],
  )
})
