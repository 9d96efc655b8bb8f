import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { kinds, resources } from '../../../shared/objects/kinds.ts'
import { projectObject } from '../../../webhook/fresh/project-object.ts'

const projected = (object: object): Record<string, unknown> => projectObject(object as KubeObject) as unknown as Record<string, unknown>

describe('what is kept of a watched object', () => {
  const raw = {
    apiVersion: 'networking.istio.io/v1', kind: 'VirtualService',
    metadata: {
      name: 'catalog', namespace: 'shop', resourceVersion: '7', uid: 'u', creationTimestamp: '2026-01-01T00:00:00Z', labels: { a: 'b' },
      managedFields: [{ manager: 'kubectl' }],
      annotations: { 'kubectl.kubernetes.io/last-applied-configuration': 'x'.repeat(5000), 'kubectl-canary/stable': 'v1', 'networking.istio.io/exportTo': '.' },
    },
    spec: {
      hosts: ['catalog'], exportTo: ['*'],
      http: [{ match: [{ uri: { prefix: '/' } }], corsPolicy: { maxAge: '1d' }, route: [{ destination: { host: 'catalog', subset: 'v1', port: { number: 80 } }, weight: 100, headers: {} }] }],
    },
    status: { conditions: [] },
  }
  it('is what rules may read', () => {
    assert.deepEqual(projected(raw), {
      apiVersion: raw.apiVersion, kind: raw.kind,
      metadata: {
        name: 'catalog', namespace: 'shop', resourceVersion: '7', creationTimestamp: '2026-01-01T00:00:00Z', labels: { a: 'b' },
        annotations: { 'kubectl-canary/stable': 'v1', 'networking.istio.io/exportTo': '.' },
      },
      spec: {
        hosts: ['catalog'], exportTo: ['*'],
        http: [{ match: [{ uri: { prefix: '/' } }], route: [{ destination: { host: 'catalog', subset: 'v1', port: { number: 80 } }, weight: 100 }] }],
      },
    })
  })
  it('has the version by which comparisons find lost events, in every kind', () => {
    for (const kind of kinds) {
      const { group, versions } = resources[kind]
      const apiVersion = group === '' ? 'v1' : `${group}/${versions[0]}`
      assert.deepEqual(projected({ apiVersion, kind, metadata: { name: 'x', resourceVersion: '9' } })['metadata'], { name: 'x', resourceVersion: '9' })
    }
  })
  it('is nothing more than their name of ReplicaSets that a Deployment tells of, and of addresses that a Service does', () => {
    const owned = { name: 'catalog-1', ownerReferences: [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'catalog', controller: true }] }
    const spec = { replicas: 1, template: { metadata: { labels: { app: 'catalog' } } } }
    assert.equal(projected({ apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: owned, spec })['spec'], undefined)
    assert.deepEqual(projected({ apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: { name: 'mine' }, spec })['spec'], spec)
    const labels = { 'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io' }
    assert.equal(projected({ apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata: { name: 'x', labels }, endpoints: [{}] })['endpoints'], undefined)
  })
  it('is whatever stands where something else should', () => {
    const { spec } = projected({ ...raw, spec: { hosts: 'x', http: { route: 1 }, tcp: [null, 'y'] } })
    assert.deepEqual(spec, { hosts: 'x', http: { route: 1 }, tcp: [null, 'y'] })
  })
})
