import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parseAllDocuments } from 'yaml'
import { argoRollouts } from '../../../shared/controllers/argo-rollouts/controller.ts'
import { flagger } from '../../../shared/controllers/flagger/controller.ts'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import type { ControllerState } from '../../../shared/routing/controller.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { canary, canaryObjects } from '../canary-objects.ts'
import { aborted, atPause, inAnalysis, promoted, replicaSet, rolloutObjects } from '../rollout-objects.ts'

const objectsIn = (yaml: string): readonly KubeObject[] =>
  parseAllDocuments(yaml)
    .map(document => document.toJS() as KubeObject)
    .map(object => ({ ...object, metadata: { ...object.metadata, namespace: 'shop' } }))
const replicaSets = objectsIn(
  [replicaSet(1, 'a1', 'uid'), replicaSet(2, 'b2', 'uid'), replicaSet(3, 'c3', 'uid')].join('---'),
)

/** The Rollout of the checkout with a status, and fields of its spec in place of its own. */
function rolloutWith(status: object, spec: object = {}): KubeObject {
  const found = objectsIn(rolloutObjects).find(({ kind }) => kind === 'Rollout')!
  const metadata = { ...found.metadata, uid: 'uid' }
  return {
    ...found,
    metadata,
    spec: { ...(Reflect.get(found, 'spec') as object), ...spec },
    status,
  } as KubeObject
}
const ofRollout = (status: object, parts = replicaSets, spec: object = {}): ControllerState => {
  const rollout = rolloutWith(status, spec)
  return argoRollouts.state(snapshot([...objectsIn(rolloutObjects), rollout]), rollout, parts)
}

/** The Canary of the catalog with a status, and fields of its spec besides. */
function ofCanary(
  status: object,
  spec: object = {},
  objects = objectsIn(canaryObjects('uid')),
): ControllerState {
  const [found] = objectsIn(canary)
  const metadata = { ...found!.metadata, uid: 'uid' }
  const whole = { ...found!, metadata, status, spec: { ...(Reflect.get(found!, 'spec') as object), ...spec } }
  return flagger.state(snapshot([...objects, whole]), whole, [])
}

describe('the state of a Rollout', () => {
  test('has the share that its controller has set, else that of its steps up to now', () => {
    const weights = { canary: { weights: { canary: { weight: 35 } } } }
    assert.deepEqual(
      [
        atPause,
        inAnalysis,
        { ...atPause, ...weights },
        aborted,
        promoted,
        { ...atPause, currentStepIndex: 3 },
      ].map(status => ofRollout(status).weight),
      [20, 20, 35, 0, undefined, 60],
    )
  })

  test('has its step from 1, and none where it has no steps or no status yet', () => {
    assert.deepEqual(
      [atPause, inAnalysis, {}].map(status => ofRollout(status).step),
      [2, 3, undefined],
    )
    const strategy = { canary: { canaryService: 'checkout-canary', stableService: 'checkout-stable' } }
    const bare = ofRollout(atPause, replicaSets, { strategy })
    assert.deepEqual([bare.step, bare.steps], [undefined, undefined])
  })
})

describe('the Services and routes of a Rollout', () => {
  test('says to which revision each Service leads, as far as its ReplicaSets are known', () => {
    const leads = (status: object, parts = replicaSets) =>
      ofRollout(status, parts).services.map(({ name, role, to }) => `${name} ${role}: ${to}`)
    assert.deepEqual(leads(atPause), [
      'checkout-stable stable: the pods of revision 2',
      'checkout-canary canary: the pods of revision 3',
    ])
    assert.deepEqual(leads(atPause, []), [
      'checkout-stable stable: the stable pods',
      'checkout-canary canary: the canary pods',
    ])
  })

  test('between two rollouts leads all its Services to the only revision', () => {
    assert.deepEqual(
      ofRollout(promoted).services.map(({ to }) => to),
      ['the pods of revision 3', 'the pods of revision 3'],
    )
    assert.equal(ofRollout(aborted, replicaSets.slice(0, 2)).services[1]!.to, 'the canary pods')
  })

  test('has the routes that it names, as far as they are there', () => {
    assert.deepEqual(
      ofRollout(atPause).routes.map(({ kind, name }) => `${kind} ${name}`),
      ['VirtualService checkout'],
    )
    assert.deepEqual(argoRollouts.state(snapshot([]), rolloutWith(atPause), []).routes, [])
  })
})

test('routers whose objects nothing reads are told with these, and others are not', () => {
  const of = (trafficRouting: object): readonly string[] =>
    (ofRollout(atPause, [], { strategy: { canary: { trafficRouting } } }).unreadRouters ?? []).map(
      ({ field, objects }) => `${field}: ${objects.join(', ')}`,
    )
  assert.deepEqual(of({ istio: { virtualService: { name: 'checkout' } } }), [])
  assert.deepEqual(of({ alb: { ingress: 'web', servicePort: 80 } }), ['trafficRouting.alb: Ingress shop/web'])
  assert.deepEqual(of({ nginx: { stableIngresses: ['a', 'b'] } }), [
    'trafficRouting.nginx: Ingress shop/a, Ingress shop/b',
  ])
  assert.deepEqual(of({ smi: {}, plugins: { 'example/other': {} } }), [
    'trafficRouting.smi: TrafficSplit shop/checkout',
    'trafficRouting.plugins.example/other: ',
  ])
  const plugins = { 'argoproj-labs/gatewayAPI': { httpRoute: 'web', tcpRoutes: [{ name: 'raw' }] } }
  assert.deepEqual(of({ plugins }), ['trafficRouting.plugins.argoproj-labs/gatewayAPI: TCPRoute shop/raw'])
  const ofProvider = (spec: object) => ofCanary(running, spec).unreadRouters
  assert.deepEqual(ofProvider({ provider: 'nginx', ingressRef: { kind: 'Ingress', name: 'web' } }), [
    { field: 'provider nginx', objects: ['Ingress shop/web'] },
  ])
  for (const spec of [{}, { provider: 'istio' }, { provider: 'gatewayapi:v1' }])
    assert.equal(ofProvider(spec), undefined)
})

describe('what the versions of a Rollout are called', () => {
  const namesOf = (status: object, spec: object = {}) =>
    argoRollouts.versionsOf(snapshot([]), rolloutWith(status, spec))

  test('is by role, Service, label and hash, the newest hash only while it is under way', () => {
    assert.deepEqual(namesOf(atPause), {
      canary: ['canary', 'checkout-canary', 'v3', 'c3'],
      stable: ['stable', 'checkout-stable', 'b2'],
    })
    assert.deepEqual(namesOf(promoted).canary, ['canary', 'checkout-canary', 'v3'])
  })

  test('is by the subsets of its DestinationRule, and by the roles of blue and green', () => {
    const destinationRule = { name: 'checkout', canarySubsetName: 'next', stableSubsetName: 'now' }
    const canary = { trafficRouting: { istio: { destinationRule } } }
    assert.deepEqual(namesOf(atPause, { strategy: { canary } }), {
      canary: ['canary', 'next', 'v3', 'c3'],
      stable: ['stable', 'now', 'b2'],
    })
    const blueGreen = { activeService: 'checkout', previewService: 'checkout-next' }
    assert.deepEqual(namesOf(atPause, { strategy: { blueGreen } }), {
      canary: ['preview', 'checkout-next', 'v3', 'c3'],
      stable: ['active', 'checkout', 'b2'],
    })
  })
})

const running = { phase: 'Progressing', canaryWeight: 10, failedChecks: 0, iterations: 0 }

describe('the state of a Canary', () => {
  test('says to which pods each of its Services leads, and which of them it has still to make', () => {
    const { services, makes } = ofCanary(running)
    assert.deepEqual(
      services.map(({ name, role, to }) => `${name} ${role}: ${to}`),
      [
        'catalog apex: the pods of Deployment catalog-primary',
        'catalog-primary primary: the pods of Deployment catalog-primary',
        'catalog-canary canary: the pods of Deployment catalog',
      ],
    )
    assert.equal(makes, undefined)
    assert.deepEqual(ofCanary({}, {}, []).makes, ['catalog', 'catalog-primary', 'catalog-canary'])
  })

  test('counts failed checks while it is under way, and later where there were any', () => {
    const failures = (status: object) => ofCanary({ ...running, ...status }).failures
    assert.deepEqual(failures({}), { count: 0, threshold: 5 })
    assert.deepEqual(failures({ failedChecks: undefined }), { count: 0, threshold: 5 })
    assert.deepEqual(failures({ failedChecks: 2 }), { count: 2, threshold: 5 })
    assert.deepEqual(failures({ phase: 'Failed', failedChecks: 1 }), { count: 1, threshold: 5 })
    assert.equal(failures({ phase: 'Succeeded' }), undefined)
  })
})

describe('the progress of a Canary', () => {
  test('counts iterations, and has a share, only while it is under way', () => {
    const analysis = { iterations: 10, threshold: 2 }
    const at = (status: object) => {
      const { iterations, weight } = ofCanary({ ...running, ...status }, { analysis })
      return [iterations, weight]
    }
    assert.deepEqual(at({ iterations: 3 }), [{ done: 3, of: 10 }, 10])
    assert.deepEqual(at({ iterations: undefined }), [{ done: 0, of: 10 }, 10])
    assert.deepEqual(at({ phase: 'Succeeded' }), [undefined, undefined])
  })

  test('has the ApisixRoute that Flagger made beside the one that it names', () => {
    const route = (name: string, owners: readonly object[]): KubeObject =>
      ({
        apiVersion: 'apisix.apache.org/v2',
        kind: 'ApisixRoute',
        metadata: { name, namespace: 'shop', ownerReferences: owners },
        spec: { http: [] },
      }) as KubeObject
    const owner = {
      apiVersion: 'flagger.app/v1beta1',
      kind: 'Canary',
      name: 'catalog-release',
      controller: true,
    }
    const objects = [route('catalog', []), route('catalog-canary', [owner])]
    const spec = { provider: 'apisix', routeRef: { kind: 'ApisixRoute', name: 'catalog' } }
    assert.deepEqual(
      ofCanary(running, spec, objects).routes.map(({ kind, name }) => `${kind} ${name}`),
      ['ApisixRoute catalog-canary'],
    )
  })

  test('has the message of its promotion, no other condition, and its own routes alone', () => {
    const conditions = [
      { type: 'Ready', message: 'no' },
      { type: 'Promoted', message: 'yes' },
    ]
    const { message, routes } = ofCanary({ ...running, conditions })
    assert.equal(message, 'yes')
    assert.deepEqual(
      routes.map(({ kind, name }) => `${kind} ${name}`),
      ['VirtualService catalog'],
    )
    const foreign = objectsIn(canaryObjects('uid').replaceAll('catalog-release', 'another'))
    assert.deepEqual(ofCanary(running, {}, foreign).routes, [])
  })
})
