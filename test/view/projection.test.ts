import assert from 'node:assert/strict'
import test from 'node:test'
import type { KubeObject } from '../../shared/objects/kube-object.ts'
import { projectionOf } from '../../shared/view/projection.ts'

const raw = {
  apiVersion: 'networking.istio.io/v1',
  kind: 'VirtualService',
  metadata: {
    name: 'shop', namespace: 'shop', resourceVersion: '7', generation: 3, labels: { app: 'shop' }, managedFields: [{ manager: 'kubectl' }],
    annotations: { 'kubectl.kubernetes.io/last-applied-configuration': 'x'.repeat(2000), 'team': 'checkout' },
    ownerReferences: [{ apiVersion: 'flagger.app/v1beta1', kind: 'Canary', name: 'shop', uid: '1', controller: true, blockOwnerDeletion: true }],
  },
  spec: {
    hosts: ['shop'],
    http: [
      { match: [{ headers: { 'x-a': { exact: 'b' } } }], timeout: '3s', route: [{ destination: { host: 'shop', subset: 'v1', port: { number: 80 } }, weight: 100, headers: {} }] },
      { redirect: { uri: '/elsewhere' } },
    ],
  },
  status: { observedGeneration: 3 },
} as unknown as KubeObject

test('keeps what rules read and nothing else', () => {
  assert.deepEqual(projectionOf(raw), {
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: {
      name: 'shop', namespace: 'shop', resourceVersion: '7', labels: { app: 'shop' }, annotations: { team: 'checkout' },
      ownerReferences: [{ apiVersion: 'flagger.app/v1beta1', kind: 'Canary', name: 'shop', controller: true }],
    },
    spec: {
      hosts: ['shop'],
      http: [
        { match: [{ headers: { 'x-a': { exact: 'b' } } }], route: [{ destination: { host: 'shop', subset: 'v1', port: { number: 80 } }, weight: 100 }] },
        { redirect: {} },
      ],
    },
  })
})

test('a projection of a projection is the same', () => assert.deepEqual(projectionOf(projectionOf(raw)), projectionOf(raw)))

test('keeps values of an unexpected form as they are', () => {
  const odd = { ...raw, metadata: { name: 'odd' }, spec: { hosts: 'shop', http: [null, 'x', { route: 7 }] } } as unknown as KubeObject
  assert.deepEqual(projectionOf(odd), { apiVersion: 'networking.istio.io/v1', kind: 'VirtualService', metadata: { name: 'odd' }, spec: { hosts: 'shop', http: [null, 'x', { route: 7 }] } })
})

test('returns an object of a foreign kind as it is', () => {
  const foreign: KubeObject = { apiVersion: 'example.com/v1', kind: 'VirtualService', metadata: { name: 'x' } }
  assert.equal(projectionOf(foreign), foreign)
})
