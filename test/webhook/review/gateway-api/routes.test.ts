import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { KubeObject } from '../../../../shared/objects/kube-object.ts'
import type { Finding } from '../../../../shared/rules/rule.ts'
import { judgedAmong } from '../../judged.ts'
import { namespace, namespaceObject, type ReviewInput } from '../../requests.ts'

/** How Helm marks what is its own. */
const helm = {
  annotations: { 'meta.helm.sh/release-name': 'shop', 'meta.helm.sh/release-namespace': namespace },
  managedFields: [{ manager: 'helm', operation: 'Update' }],
}
const marked = (object: KubeObject): KubeObject => ({
  ...object,
  metadata: { ...object.metadata, ...helm },
})

const named = (apiVersion: string, kind: string, name: string): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name, namespace, resourceVersion: '1' },
})
const service = (version: string, port = 80): KubeObject =>
  ({
    ...named('v1', 'Service', `catalog-${version}`),
    spec: { selector: { app: 'catalog', version }, ports: [{ name: 'http', port }] },
  }) as KubeObject
const workload = (version: string, label = version): KubeObject =>
  ({
    ...named('apps/v1', 'Deployment', `catalog-${version}`),
    spec: { replicas: 1, template: { metadata: { labels: { app: 'catalog', version: label } } } },
  }) as KubeObject
const withPorts = (object: KubeObject, ports: readonly number[]): KubeObject =>
  ({
    ...object,
    spec: {
      ...(Reflect.get(object, 'spec') as object),
      ports: ports.map(port => ({ name: `http-${port}`, port })),
    },
  }) as KubeObject
const gateway = {
  ...named('gateway.networking.k8s.io/v1', 'Gateway', 'edge'),
  spec: { gatewayClassName: 'x', listeners: [{ name: 'http', port: 80, protocol: 'HTTP' }] },
} as KubeObject
const route = (v1: number, v2: number): KubeObject =>
  ({
    ...named('gateway.networking.k8s.io/v1', 'HTTPRoute', 'catalog'),
    spec: {
      parentRefs: [{ name: 'edge' }],
      rules: [
        {
          backendRefs: [
            { name: 'catalog-v1', port: 80, weight: v1 },
            { name: 'catalog-v2', port: 80, weight: v2 },
          ],
        },
      ],
    },
  }) as KubeObject

const world = [
  namespaceObject(),
  gateway,
  service('v1'),
  service('v2'),
  workload('v1'),
  workload('v2'),
  route(90, 10),
]
const fluxDryRun = { dryRun: true, fields: { options: { fieldManager: 'kustomize-controller' } } }
const byHelm = { fields: { options: { fieldManager: 'helm' } } }

const rules = (findings: readonly Finding[]): readonly string[] => findings.map(({ rule }) => rule)
/** What is denied and what is warned of. */
const verdictOf = (asked: ReviewInput, objects: readonly KubeObject[] = world) => {
  const { denials, warnings } = judgedAmong(objects)(asked)
  return [rules(denials), rules(warnings)]
}

describe('a review of what a route of the Gateway API rests on', () => {
  it('denies what takes a backend away, and what the route says wrong itself', () => {
    assert.deepEqual(verdictOf({ before: service('v2') }), [['unknown-backend'], []])
    assert.deepEqual(verdictOf({ before: service('v2'), after: service('v2', 81) }), [['unknown-port'], []])
    assert.deepEqual(verdictOf({ before: route(90, 10), after: route(0, 0) }), [['weights-sum-to-zero'], []])
  })
  it('takes no other Service for the one that was meant where it is deleted', () => {
    const twin = { ...service('v2'), metadata: { ...service('v2').metadata, name: 'catalog-v2x' } }
    const { denials } = judgedAmong([...world, twin])({ before: service('v2') })
    assert.match(denials[0]!.message, /catalog-v2 does not exist: its requests are answered with 500$/)
  })
  it('admits each step of a canary, and the deletion of the route', () => {
    for (const weight of [0, 50, 100])
      assert.deepEqual(verdictOf({ before: route(90, 10), after: route(100 - weight, weight) }), [[], []])
    assert.deepEqual(verdictOf({ before: route(90, 10) }), [[], []])
  })
  it("warns in a deploy tool's dry run of what rests on other objects, and denies what does not", () => {
    const incomplete = world.filter(({ metadata }) => metadata.name !== 'catalog-v2')
    assert.deepEqual(verdictOf({ after: route(90, 10), ...fluxDryRun }, incomplete.slice(0, -1)), [
      [],
      ['unknown-backend'],
    ])
    assert.deepEqual(verdictOf({ before: service('v2'), after: service('v2', 81), ...fluxDryRun }), [
      [],
      ['unknown-port'],
    ])
    assert.deepEqual(verdictOf({ before: route(90, 10), after: route(0, 0), ...fluxDryRun }), [
      ['weights-sum-to-zero'],
      [],
    ])
  })
  it('warns of what a release of Helm removes from its own routes, and denies it to others', () => {
    const release = world.map(marked)
    assert.deepEqual(
      verdictOf({ before: marked(service('v2')), after: marked(service('v2', 81)), ...byHelm }, release),
      [[], ['unknown-port']],
    )
    assert.deepEqual(verdictOf({ before: marked(service('v2')) }, release), [[], ['unknown-backend']])
    assert.deepEqual(
      verdictOf({ before: marked(service('v2')), after: marked(service('v2', 81)) }, release),
      [['unknown-port'], []],
    )
  })
})

describe('the fix of a denial that a route of the Gateway API rests on', () => {
  /** The first line before the patch, and the steps of the patch. */
  const fixOf = (asked: ReviewInput, objects = world): readonly [string | undefined, unknown] => {
    const lines = judgedAmong(objects)(asked).denials[0]!.fix.split('\n')
    const at = lines.findIndex(line => line.startsWith('kubectl patch'))
    return [lines[at - 1], JSON.parse(/'(\[.*\])'/.exec(lines[at] ?? '')?.[1] ?? 'null')]
  }
  const place = '/spec/rules/0/backendRefs/1'
  const test = { op: 'test', path: `${place}/name`, value: 'catalog-v2' }

  it('removes the backend whose Service is deleted, if it is still there', () => {
    const [line, steps] = fixOf({ before: service('v2') })
    assert.match(line!, /^First remove from HTTPRoute shop\/catalog what needs Service shop\/catalog-v2/)
    assert.deepEqual(steps, [test, { op: 'remove', path: place }])
  })
  it('keeps what an update takes away, or removes the backend first', () => {
    const { denials } = judgedAmong(world)({ before: service('v2'), after: service('v2', 81) })
    assert.match(
      denials[0]!.fix,
      /^Keep in Service shop\/catalog-v2, as it was:\nan item of spec.ports: .*"port":80/,
    )
    const [line, steps] = fixOf({ before: service('v2'), after: service('v2', 81) })
    assert.equal(line, 'Or first remove what needs it from HTTPRoute shop/catalog:')
    assert.deepEqual(steps, [test, { op: 'remove', path: place }])
  })
  it('names another port that the Service keeps, for the backends of the port that goes', () => {
    const before = withPorts(service('v2'), [80, 81])
    const [line, steps] = fixOf(
      { before, after: withPorts(before, [81]) },
      world.map(object =>
        object.metadata.name === 'catalog-v2' && object.kind === 'Service' ? before : object,
      ),
    )
    assert.match(line!, /change HTTPRoute shop\/catalog to port 81:$/)
    assert.deepEqual(steps, [test, { op: 'replace', path: `${place}/port`, value: 81 }])
  })
})

describe('a review of a route of the Gateway API', () => {
  it('denies a changed label, and warns of a deleted workload', () => {
    const lost = 'backend-matches-no-workload'
    assert.deepEqual(verdictOf({ before: workload('v2'), after: workload('v2', 'v9') }), [[lost], []])
    assert.deepEqual(verdictOf({ before: workload('v2') }), [[], [lost]])
  })
  it('exempts a route by its annotation, with the reason', () => {
    const exempt = {
      ...route(90, 10),
      metadata: {
        ...route(90, 10).metadata,
        annotations: { 'kubectl-canary/exempt': 'unknown-backend: moved tonight' },
      },
    } as KubeObject
    const objects = [...world.slice(0, -1), exempt]
    const { denials, exempted } = judgedAmong(objects)({ before: service('v2') })
    assert.deepEqual([rules(denials), exempted.map(({ reason }) => reason)], [[], ['moved tonight']])
  })
  it('leaves what the CRDs refuse to the API server', () => {
    const newer = { ...route(90, 10), spec: { ...(Reflect.get(route(90, 10), 'spec') as object), novel: {} } }
    assert.deepEqual(verdictOf({ before: route(90, 10), after: newer }), [[], []])
  })
})

describe('a review of what a route without any parent rests on', () => {
  it('only warns of what takes a backend away', () => {
    const orphaned = world.filter(object => object !== gateway)
    const relabelled = { before: workload('v2'), after: workload('v2', 'v3') }
    for (const [change, rule] of [
      [{ before: service('v2') }, 'unknown-backend'],
      [relabelled, 'backend-matches-no-workload'],
      [{ before: service('v2'), after: service('v2', 81) }, 'unknown-port'],
    ] as const) {
      assert.deepEqual(verdictOf(change), [[rule], []])
      assert.deepEqual(verdictOf(change, orphaned), [[], [rule, 'unknown-parent']])
    }
  })
  it('judges the route itself as ever', () => {
    const wrong = JSON.parse(JSON.stringify(route(90, 10)).replace('"port":80', '"port":8')) as KubeObject
    const orphaned = world.filter(object => object !== gateway)
    assert.deepEqual(verdictOf({ before: route(90, 10), after: wrong }, orphaned), [
      ['unknown-port'],
      ['unknown-parent'],
    ])
  })
})
