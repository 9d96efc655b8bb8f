import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import test from 'node:test'
import { parse } from 'yaml'
import type { KubeObject, Metadata } from '../../../shared/objects/kube-object.ts'
import { isKind } from '../../../shared/objects/kinds.ts'
import { istioRejects } from '../../../shared/rules/istio/istio-rejects.ts'
import { formatPath } from '../../../shared/rules/rule.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { fc } from '../../properties.ts'

interface Cases {
  readonly kind: string
  readonly cases: readonly {
    readonly title: string
    readonly spec: object
    readonly refused?: readonly string[]
  }[]
}
const folder = new URL('../../fixtures/verdicts/', import.meta.url)
const tables = readdirSync(folder).map(file => parse(readFileSync(new URL(file, folder), 'utf8')) as Cases)

const view = snapshot([])
const objectOf = (kind: string, spec: unknown, metadata: Partial<Metadata> = {}): KubeObject => ({
  apiVersion: 'networking.istio.io/v1',
  kind,
  metadata: { name: 'x', namespace: 'shop', ...metadata },
  ...(spec === undefined ? {} : { spec }),
})
const faultsOf = (object: KubeObject): readonly string[] =>
  istioRejects
    .flatMap(rule =>
      isKind(rule.subject, object)
        ? [...rule.check(view, object as never, { complete: false, relativeWeights: false })]
        : [],
    )
    .map(({ path, message }) => `${formatPath(path)}: ${message}`)

for (const { kind, cases } of tables) {
  for (const { title, spec, refused = [] } of cases) {
    test(`${kind}: ${refused.length === 0 ? 'accepts' : 'refuses'} ${title}`, () =>
      assert.deepEqual(faultsOf(objectOf(kind, spec)), refused))
  }
}

test('a Gateway’s name is one label, save where istiod makes it of the Gateway API', () => {
  const spec = {
    servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: ['~/a.example.com'] }],
  }
  assert.deepEqual(faultsOf(objectOf('Gateway', spec, { name: 'shop.gateway' })), [
    'metadata.name: "shop.gateway" is not a valid name of a Gateway: it must have no dots and at most 63 characters',
    'spec.servers[0].hosts[0]: "~" is not the name of a namespace, nor * or .',
  ])
  assert.deepEqual(
    faultsOf(
      objectOf('Gateway', spec, {
        name: 'shop.gateway',
        annotations: { 'internal.istio.io/gateway-semantics': 'gateway' },
      }),
    ),
    [],
  )
})

test('a ServiceEntry of wildcards at run time goes with no waypoint inside the mesh', () => {
  const spec = { hosts: ['*.example.com'], resolution: 'DYNAMIC_DNS', location: 'MESH_INTERNAL' }
  const behind = (waypoint: string) =>
    faultsOf(objectOf('ServiceEntry', spec, { labels: { 'istio.io/use-waypoint': waypoint } }))
  assert.deepEqual(behind('none'), [])
  assert.equal(behind('shop').length, 1)
})

test('what has no spec at all is judged as well', () => {
  const faults = tables.map(({ kind }) => [kind, faultsOf(objectOf(kind, undefined))])
  assert.deepEqual(Object.fromEntries(faults), {
    Gateway: ['spec: a Gateway needs servers'],
    ServiceEntry: [': must have spec'],
    WorkloadEntry: [': must have spec'],
    WorkloadGroup: [': must have spec'],
    Sidecar: ['spec: a Sidecar needs ingress, egress, outboundTrafficPolicy or inboundConnectionPool'],
  })
})

test('no change of a good object makes the rule crash, and each is judged alike twice', () => {
  const specs = tables.flatMap(({ kind, cases }) => cases.map(({ spec }) => ({ kind, spec })))
  fc.assert(
    fc.property(
      fc.constantFrom(...specs),
      fc.nat(),
      fc.anything({ maxDepth: 2 }),
      ({ kind, spec }, place, value) => {
        const changed = structuredClone(spec)
        const places = placesIn(changed)
        const [holder, key] = places[place % places.length]!
        Reflect.set(holder, key, value)
        assert.deepEqual(faultsOf(objectOf(kind, changed)), faultsOf(objectOf(kind, changed)))
      },
    ),
    { numRuns: 500 },
  )
})

/** Every place in a value that can be set. */
const placesIn = (value: unknown): readonly (readonly [object, string])[] =>
  typeof value !== 'object' || value === null
    ? []
    : Object.entries(value).flatMap(([key, child]) => [[value, key] as const, ...placesIn(child)])
