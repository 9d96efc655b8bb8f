import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { catalogue } from '../../../shared/rules/catalogue.ts'
import { lintView } from '../../../shared/rules/introduced.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'

const judge = { rules: catalogue, settings: { complete: false, relativeWeights: false } }
const fixOf = (objects: readonly KubeObject[]): string | undefined =>
  lintView(judge, snapshot(objects)).find(({ rule }) => rule === 'weights-sum-to-zero')?.fix

const owned = (name: string) => [
  { apiVersion: 'flagger.app/v1beta1', kind: 'Canary', name, uid: '1', controller: true },
]
const httpRoute = (names: readonly string[], metadata: object = {}): KubeObject =>
  ({
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name: 'web', namespace: 'shop', ...metadata },
    spec: { rules: [{ backendRefs: names.map(name => ({ name, port: 80, weight: 0 })) }] },
  }) as KubeObject
const apisixRoute = (names: readonly string[]): KubeObject =>
  ({
    apiVersion: 'apisix.apache.org/v2',
    kind: 'ApisixRoute',
    metadata: { name: 'web', namespace: 'shop' },
    spec: {
      http: [
        { name: 'all', backends: names.map(serviceName => ({ serviceName, servicePort: 80, weight: 0 })) },
      ],
    },
  }) as KubeObject
const rollout = (trafficRouting: object): KubeObject =>
  ({
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Rollout',
    metadata: { name: 'shop', namespace: 'shop' },
    spec: {
      strategy: { canary: { stableService: 'web-stable', canaryService: 'web-canary', trafficRouting } },
    },
  }) as KubeObject

describe('the fix of weights that are all 0', () => {
  const names = ['web-canary', 'web-stable']

  it('is a weight for the stable Service of the Rollout that writes them, which it names', () => {
    const plugins = { 'argoproj-labs/gatewayAPI': { httpRoute: 'web', namespace: 'shop' } }
    const said = /\[1\]\.weight: 100, for stable Service web-stable\. Rollout shop\/shop writes these weights/
    assert.match(fixOf([httpRoute(names), rollout({ plugins })]) ?? '', said)
    assert.match(fixOf([apisixRoute(names), rollout({ apisix: { route: { name: 'web' } } })]) ?? '', said)
  })

  it('is a weight for the primary Service of the Canary that owns the route', () => {
    const fix = fixOf([httpRoute(['web-canary', 'web-primary'], { ownerReferences: owned('web') })])
    assert.match(fix ?? '', /\[1\]\.weight: 100, for stable Service web-primary\. Canary shop\/web writes/)
  })

  it('is the first weight where nobody writes them', () => {
    assert.equal(fixOf([httpRoute(names)]), 'Set spec.rules[0].backendRefs[0].weight: 100')
    assert.equal(fixOf([apisixRoute(names)]), 'Set spec.http[0].backends[0].weight: 100')
  })
})
