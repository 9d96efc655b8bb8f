import assert from 'node:assert/strict'
import { test } from 'node:test'
import { keyOf, type KubeObject } from '../../shared/objects/kube-object.ts'
import { readEveryService } from '../../shared/plan/read-services.ts'
import { judgeReadiness } from '../../shared/readiness/judge-readiness.ts'
import { snapshot } from '../../shared/view/snapshot.ts'
import { followed } from '../rules/follow-fix.ts'
import { ManifestsFolder } from '../plugin/manifests-folder.ts'
import {
  budget,
  deployment,
  destinationRule,
  disabled,
  namespace,
  optingOut,
  peer,
  scaler,
  service,
  virtualService,
  world,
  worldText,
} from './worlds.ts'

const position = { file: 'k8s/all.yaml', line: 1, column: 1 }
const sources = { positionOf: () => position } as never

function checkOf(objects: readonly KubeObject[], id: string) {
  const target = { namespace: 'shop', service: 'catalog', command: 'doctor', live: false }
  const readings = readEveryService(snapshot(objects), target)
  const [report] = judgeReadiness({
    view: readings[0]!.view,
    readings,
    namespaces: [],
    live: false,
    now: 0,
    place: { sources, fileWords: '-f k8s' },
  })
  return report!.checks.find(check => check.id === id)
}

const other =
  '{apiVersion: v1, kind: Service, metadata: {name: raw, namespace: shop}, spec: {selector: {app: catalog}, ports: [{name: tcp-x, port: 99, targetPort: http}]}}'

/** What is wrong, by the check that says so. */
const worlds: readonly (readonly [string, readonly KubeObject[]])[] = [
  ['pod-labels', world({ v2: '', rule: '', route: '', v1: deployment('catalog', 'app: catalog') })],
  ['service-selector', world({ service: service('selector: {app: catalog, version: v1}') })],
  ['ports', world({ service: service(undefined, '{name: api, port: 80}') })],
  ['port-conflicts', world({}, other)],
  ['injection', world({ namespace: namespace('istio-injection: disabled') })],
  ['injection', world({ v2: optingOut })],
  [
    'waypoint',
    world(
      { namespace: namespace('istio.io/dataplane-mode: ambient') },
      other.replace('name: raw,', 'name: raw, labels: {istio.io/use-waypoint: wp},'),
    ),
  ],
  ['mtls', world({ rule: disabled }, peer('mtls: {mode: STRICT}'))],
  [
    'mtls',
    world(
      { rule: destinationRule(', trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}') },
      peer('mtls: {mode: DISABLE}'),
    ),
  ],
  ['headless', world({ service: service('clusterIP: None, selector: {app: catalog}') })],
  ['autoscaling', world({}, scaler('catalog'))],
  ['disruption-budgets', world({}, budget('minAvailable: 3'))],
]

for (const [i, [id, objects]] of worlds.entries())
  test(`a fix in files names the field and the value, and then the check passes: ${id} (${i})`, () => {
    const before = checkOf(objects, id)!
    assert.notEqual(before.state, 'pass')
    let after = objects
    for (const { ref, fix } of before.results)
      for (const line of fix) {
        assert.ok(!/^(kubectl|echo) /.test(line), line)
        after = followed(after, { on: keyOf(ref), fix: line }) ?? after
      }
    assert.notEqual(after, objects, before.results.flatMap(({ fix }) => fix).join('\n'))
    assert.equal(checkOf(after, id)?.state ?? 'pass', 'pass')
  })

test('a Namespace in files that names no waypoint is not called missing', () => {
  const objects = world({ namespace: namespace('istio.io/dataplane-mode: ambient') }).map(
    ({ metadata: { uid: _, ...metadata }, ...object }) => ({ ...object, metadata }),
  )
  const [result] = checkOf(objects, 'waypoint')!.results
  assert.match(result!.message, /^Namespace \S+ names no waypoint in these files/)
})

test('the examples of this repository are ready as far as files tell', async () => {
  for (const example of ['catalog', 'flagger', 'forty-routes', 'shop']) {
    using folder = new ManifestsFolder(example)
    const { code, stdout, stderr } = await folder.run('doctor')
    assert.equal(code, 0, stderr)
    assert.doesNotMatch(stdout, /^fail/m)
  }
})

test('of what runs nothing is said on files', async () => {
  using folder = new ManifestsFolder('catalog')
  const { stdout } = await folder.run('doctor catalog')
  assert.doesNotMatch(stdout, /^\S+ +capacity/m)
  assert.match(stdout, /^pass +pod-labels/m)
})

test('a command of ours in a fix names the files', async () => {
  using folder = new ManifestsFolder('catalog')
  const { stdout } = await folder.run('doctor catalog -o json')
  for (const line of stdout.match(/kubectl canary [^"]*/g) ?? []) assert.match(line, / -f /)
})

test('callers in the mesh without a route are covered by an edit of the file that has one for gateways', async () => {
  using folder = new ManifestsFolder()
  const gateway =
    '{apiVersion: networking.istio.io/v1, kind: Gateway, metadata: {name: public, namespace: shop}, spec: {selector: {a: b}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}]}}'
  const route = virtualService(', gateways: [public]').replace(
    'hosts: [catalog]',
    'hosts: [catalog, shop.example.com]',
  )
  folder.write('a.yaml', worldText({ route }, gateway).join('\n---\n'))
  const { stdout } = await folder.run('doctor catalog -n shop')
  assert.match(stdout, /no VirtualService for host catalog applies to callers in the mesh\n +Fix: [A-Z]\w+ /)
})

test('nobody can tell whether a service is ready that is not in the files', async () => {
  using folder = new ManifestsFolder()
  folder.write('a.yaml', worldText({ service: '' }).join('\n---\n'))
  assert.match((await folder.run('doctor catalog -n shop')).stdout, /^Service shop\/catalog: cannot tell /m)
  assert.match((await folder.run('doctor -n shop')).stdout, /^catalog .* cannot tell$/m)
  assert.match(
    (await folder.run('doctor -n shop -o markdown')).stdout,
    /^\| shop\/catalog \| cannot tell \|/m,
  )
})

test('the namespace and the service of a rollout are judged on files that hold nothing else', async () => {
  using folder = new ManifestsFolder()
  const meta = '{name: web, namespace: shop}'
  const pods =
    'selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: web}]}}'
  const report = async (object: string) => {
    folder.write('a.yaml', object)
    return (await folder.run('doctor')).stdout
  }
  const canary = await report(
    `{apiVersion: flagger.app/v1beta1, kind: Canary, metadata: ${meta}, spec: {targetRef: {apiVersion: apps/v1, kind: Deployment, name: web}, service: {port: 80}, analysis: {interval: 1m, threshold: 5}}}`,
  )
  assert.match(canary, /^web .* yes$/m)
  assert.match(canary, /^Namespace shop /m)
  const rollout = await report(
    `{apiVersion: argoproj.io/v1alpha1, kind: Rollout, metadata: ${meta}, spec: {${pods}, strategy: {canary: {stableService: web-stable, canaryService: web-canary}}}}`,
  )
  assert.match(rollout, /^web-stable .* cannot tell$/m)
  // The Services that it names are elsewhere.
  assert.doesNotMatch(rollout, /no Service selects|is behind a Service/)
})
