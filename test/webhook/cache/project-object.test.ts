import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { kindOf, kinds, resources } from '../../../shared/objects/kinds.ts'
import { ownerMarksOf } from '../../../shared/objects/owners/owner-marks.ts'
import { isDerivable } from '../../../webhook/cache/derivable.ts'
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

describe('the projection of a watched object', () => {
  it('has the fields that rules read', () => {
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
            route: raw.spec.http[0]!.route,
          },
        ],
      },
    })
  })
  it('has the resourceVersion by which comparisons find missed events, in every kind', () => {
    for (const kind of kinds) {
      const { group, versions } = resources[kind]
      const apiVersion = group === '' ? 'v1' : `${group}/${versions[0]}`
      assert.deepEqual(
        projected({ apiVersion, kind, metadata: { name: 'x', resourceVersion: '9' } })['metadata'],
        { name: 'x', resourceVersion: '9' },
      )
    }
  })
  it('keeps a value of the wrong type', () => {
    const { spec } = projected({ ...raw, spec: { hosts: 'x', http: { route: 1 }, tcp: [null, 'y'] } })
    assert.deepEqual(spec, { hosts: 'x', http: { route: 1 }, tcp: [null, 'y'] })
  })
})

describe('the cache does not keep', () => {
  const owner = (apiVersion: string, kind: string): object => ({
    ownerReferences: [{ apiVersion, kind, name: 'catalog', controller: true }],
  })
  const isLeftOut = (apiVersion: string, kind: string, metadata: object = {}): boolean =>
    isDerivable({ apiVersion, kind, metadata: { name: 'x', ...metadata } })
  it('pods and ReplicaSets of a workload', () => {
    assert.equal(isLeftOut('apps/v1', 'ReplicaSet', owner('apps/v1', 'Deployment')), true)
    for (const kind of ['ReplicaSet', 'StatefulSet', 'DaemonSet'])
      assert.equal(isLeftOut('v1', 'Pod', owner('apps/v1', kind)), true)
  })
  it('the addresses of a Service with a selector', () => {
    assert.equal(
      isLeftOut('discovery.k8s.io/v1', 'EndpointSlice', {
        labels: { 'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io' },
      }),
      true,
    )
  })
  it('objects that are too large to be judged', () => {
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
  it('but keeps pods, ReplicaSets and EndpointSlices without an owner that is kept', () => {
    const kept = [
      isLeftOut('v1', 'Pod'),
      isLeftOut('v1', 'Pod', owner('x/v1', 'Fleet')),
      isLeftOut('apps/v1', 'ReplicaSet'),
      isLeftOut('discovery.k8s.io/v1', 'EndpointSlice'),
      isLeftOut('apps/v1', 'Deployment', owner('x/v1', 'App')),
    ]
    assert.deepEqual(
      kept,
      kept.map(() => false),
    )
  })
})

describe('the projection of what a deploy tool has applied', () => {
  it('has the marks by which the tool knows what is its own, of every kind', () => {
    const metadata = {
      name: 'catalog',
      namespace: 'shop',
      labels: { team: 'a', 'kustomize.toolkit.fluxcd.io/name': 'shop', 'app.kubernetes.io/instance': 'web' },
      annotations: {
        'meta.helm.sh/release-name': 'shop',
        'meta.helm.sh/release-namespace': 'shop',
        'argocd.argoproj.io/tracking-id': 'web:apps/Deployment:shop/catalog',
        other: 'x',
      },
    }
    for (const kind of kinds) {
      const [version] = resources[kind].versions
      const object = {
        apiVersion: `${resources[kind].group}/${version}`,
        kind,
        metadata,
        spec: {},
      } as KubeObject
      if (kindOf(object) === undefined) continue
      const kept = projectObject({ ...object, apiVersion: object.apiVersion.replace(/^\//, '') })!
      assert.ok(ownerMarksOf(object).length > 0)
      assert.deepEqual(ownerMarksOf(kept), ownerMarksOf(object), kind)
      assert.equal(kept.metadata.annotations?.['other'], undefined)
    }
  })
})

describe('the containers of a workload', () => {
  const containersOf = (...ports: readonly object[]): unknown => {
    const { spec } = projected({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'catalog', namespace: 'shop' },
      spec: { template: { metadata: { labels: {} }, spec: { containers: [{ image: 'catalog', ports }] } } },
    })
    return (spec as { template: { spec: { containers: unknown } } }).template.spec.containers
  }
  it('are kept with their ports alone, once for all that have the same', () => {
    const http = { name: 'http', containerPort: 8080 }
    assert.deepEqual(containersOf({ ...http, hostPort: 80 }), [{ ports: [http] }])
    assert.equal(containersOf(http), containersOf(http))
    assert.notDeepEqual(containersOf(http), containersOf({ ...http, name: 'web' }))
  })
})
