import assert from 'node:assert/strict'
import test from 'node:test'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { changeOf } from '../../../webhook/review/change-of.ts'
import { requestFor } from '../requests.ts'

const route = (fields: object) =>
  ({
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { name: 'catalog', namespace: 'shop' },
    spec: { hosts: ['catalog'], http: [{ route: [{ destination: { host: 'catalog' } }], ...fields }] },
  }) as KubeObject

test('the guard reads a key of a request that is null as absent, as the API server stores it', () => {
  const [withNulls, without] = [route({ match: null, timeout: null }), route({})]
  const annotated = {
    ...withNulls,
    metadata: { ...withNulls.metadata, annotations: null },
  } as unknown as KubeObject
  const { before, after } = changeOf(requestFor({ before: without, after: annotated }))!
  assert.deepEqual(after, before)
})
