import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { kinds, resources } from '../../../shared/objects/kinds.ts'
import { isTold } from '../../../webhook/cache/derivable.ts'
import { projectObject } from '../../../webhook/cache/project-object.ts'

const projected = (object: object): Record<string, unknown> =>
  projectObject(object as KubeObject) as unknown as Record<string, unknown>

const raw = {
  apiVersion: 'networking.istio.io/v1',
  kind: 'VirtualService',
  metadata: {
    name: 'catalog',
    namespace: 'shop',
    resourceVersion: '7',
    uid: 'u',
    creationTimestamp: '2026-01-01T00:00:00Z',
    labels: { a: 'b' },
    managedFields: [{ manager: 'kubectl' }],
    annotations: {
      'kubectl.kubernetes.io/last-applied-configuration': 'x'.repeat(5000),
      'kubectl-canary/stable': 'v1',
      'networking.istio.io/exportTo': '.',
    },
  },
  spec: {
    hosts: ['catalog'],
    exportTo: ['*'],
    http: [
      {
        match: [{ uri: { prefix: '/' } }],
        corsPolicy: { maxAge: '1d' },
        route: [
          {
            destination: { host: 'catalog', subset: 'v1', port: { number: 80 } },
            weight: 100,
            headers: {},
          },
        ],
      },
    ],
  },
  status: { conditions: [] },
}

describe('what is kept of a watched object', () => {
  it('is what rules may read', () => {
    assert.deepEqual(projected(raw), {
      apiVersion: raw.apiVersion,
      kind: raw.kind,
      metadata: {
        name: 'catalog',
        namespace: 'shop',
        resourceVersion: '7',
        creationTimestamp: '2026-01-01T00:00:00Z',
        labels: { a: 'b' },
        annotations: { 'kubectl-canary/stable': 'v1', 'networking.istio.io/exportTo': '.' },
      },
      spec: {
        hosts: ['catalog'],
        exportTo: ['*'],
        http: [
          {
            match: [{ uri: { prefix: '/' } }],
            route: [{ destination: { host: 'catalog', subset: 'v1', port: { number: 80 } }, weight: 100 }],
          },
        ],
      },
    })
  })
  it('has the version by which comparisons find lost events, in every kind', () => {
    for (const kind of kinds) {
      const { group, versions } = resources[kind]
      const apiVersion = group === '' ? 'v1' : `${group}/${versions[0]}`
      assert.deepEqual(
        projected({ apiVersion, kind, metadata: { name: 'x', resourceVersion: '9' } })['metadata'],
        { name: 'x', resourceVersion: '9' },
      )
    }
  })
  it('is whatever stands where something else should', () => {
    const { spec } = projected({ ...raw, spec: { hosts: 'x', http: { route: 1 }, tcp: [null, 'y'] } })
    assert.deepEqual(spec, { hosts: 'x', http: { route: 1 }, tcp: [null, 'y'] })
  })
})

describe('what is not kept at all', () => {
  const owner = (apiVersion: string, kind: string): object => ({
    ownerReferences: [{ apiVersion, kind, name: 'catalog', controller: true }],
  })
  const told = (apiVersion: string, kind: string, metadata: object = {}): boolean =>
    isTold({ apiVersion, kind, metadata: { name: 'x', ...metadata } })
  it('are pods and ReplicaSets of a workload that tells of them', () => {
    assert.equal(told('apps/v1', 'ReplicaSet', owner('apps/v1', 'Deployment')), true)
    for (const kind of ['ReplicaSet', 'StatefulSet', 'DaemonSet'])
      assert.equal(told('v1', 'Pod', owner('apps/v1', kind)), true)
  })
  it('are the addresses that a Service tells of by its selector', () => {
    assert.equal(
      told('discovery.k8s.io/v1', 'EndpointSlice', {
        labels: { 'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io' },
      }),
      true,
    )
  })
  it('are objects that are too large to judge', () => {
    const spec = { http: Array.from({ length: 200_000 }, () => ({})) }
    assert.equal(
      projectObject({
        apiVersion: 'networking.istio.io/v1',
        kind: 'VirtualService',
        metadata: { name: 'x' },
        spec,
      } as KubeObject) === undefined,
      true,
    )
  })
  it('are not those that stand alone or belong to a kind that nobody reads', () => {
    const kept = [
      told('v1', 'Pod'),
      told('v1', 'Pod', owner('apps.kruise.io/v1alpha1', 'CloneSet')),
      told('apps/v1', 'ReplicaSet'),
      told('discovery.k8s.io/v1', 'EndpointSlice'),
      told('apps/v1', 'Deployment', owner('x/v1', 'App')),
    ]
    assert.deepEqual(
      kept,
      kept.map(() => false),
    )
  })
})
