import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { sessionOf } from '../../../shared/view/session.ts'
import { readEveryService } from '../../../shared/plan/read-services.ts'
import { judgeReadiness } from '../../../shared/readiness/judge-readiness.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { faultsOf, reportsOn, saidOf, yaml } from '../reports.ts'
import { budget, deployment, scaler, virtualService, world, worldText } from '../worlds.ts'

const gateway =
  '{apiVersion: networking.istio.io/v1, kind: Gateway, metadata: {name: ingress, namespace: shop}, spec: {selector: {istio: ingress}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}]}}'
const webRoute =
  '{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: web, namespace: shop}, spec: {hosts: ["*"], gateways: [ingress], http: [{route: [{destination: {host: web}}]}]}}'
const web = (annotations = ''): string =>
  `{apiVersion: v1, kind: Service, metadata: {name: web, namespace: shop, annotations: {${annotations}}}, spec: {selector: {app: web}, ports: [{name: http, port: 80}]}}`
/** A route by a header, as a person writes it. */
const byHeader = virtualService().replace(
  'http: [{',
  'http: [{match: [{headers: {x-istio-cohort: {exact: internal}}}], route: [{destination: {host: catalog, subset: v2}}]}, {',
)
const objects = (annotations = '', ...more: readonly string[]): readonly KubeObject[] =>
  world(
    { route: byHeader },
    gateway,
    webRoute,
    web(annotations),
    deployment('web', 'app: web, version: v1'),
    ...more,
  )

test('whether a caller forwards a header cannot be told from outside, and is said so with what to do', () => {
  const { state, results, fixes } = saidOf('header-forwarding', objects())
  assert.equal(state, 'unknown', results.join())
  assert.match(results.join(), /whether web forwards x-istio-cohort/)
  assert.ok(
    fixes.includes("kubectl canary try http://catalog/ -H 'x-istio-cohort: internal' -n shop"),
    fixes.join('\n'),
  )
})

test('a caller that declares the header is believed, in any case and among others', () => {
  assert.equal(
    saidOf('header-forwarding', objects('kubectl-canary/forwards: "x-request-id, X-Istio-Cohort"')).state,
    'pass',
  )
  assert.equal(saidOf('header-forwarding', objects('kubectl-canary/forwards: x-request-id')).state, 'unknown')
})

test('a route without a header asks nothing of callers', () => {
  assert.equal(saidOf('header-forwarding', world()).state, 'pass')
})

test('a workload is missed by the mesh that no Service selects, also one that only calls; a Job is not', () => {
  const faults = faultsOf(
    reportsOn(
      world(
        {},
        deployment('loadgenerator', 'app: loadgenerator, version: v1'),
        '{apiVersion: batch/v1, kind: Job, metadata: {name: once, namespace: shop}, spec: {template: {metadata: {labels: {app: once}}, spec: {containers: [{name: a, image: a}]}}}}',
      ),
    ),
  )
  assert.deepEqual(faults, [
    'Namespace shop workload-service warn no Service selects the pods of Deployment loadgenerator',
  ])
})

/** What is asked of the view for so many services of one namespace. */
function costOf(count: number): number {
  let spent = 0
  const parts = [
    ...worldText({ namespace: '' }),
    budget('maxUnavailable: 1'),
    scaler('catalog'),
    scaler('catalog-v2'),
  ]
  const text = JSON.stringify(yaml(...parts))
  const all = Array.from(
    { length: count },
    (_, i) => JSON.parse(text.replaceAll('catalog', `catalog${i}`)) as KubeObject[],
  )
  const view = sessionOf(snapshot([...yaml(worldText()[0]!), ...all.flat()]), cost => {
    spent += cost
  })
  const readings = readEveryService(view, { namespace: 'shop', command: 'doctor', live: true })
  const reports = judgeReadiness({ view, readings, namespaces: ['shop'], live: true, now: 0, place: {} })
  assert.equal(reports.length, count + 1)
  assert.deepEqual(faultsOf(reports), [])
  return spent
}

test('the cost of a report grows with the services, and not with their square', () => {
  const [small, large] = [costOf(40), costOf(160)]
  assert.ok(large < small * 5, `${large} after ${small}`)
})

test('a header that only routes to other services ask for is not asked of the callers', () => {
  const shared = virtualService().replace(
    'http: [{',
    'http: [{match: [{headers: {x-tenant: {exact: gold}}}], route: [{destination: {host: web}}]}, {',
  )
  const { state, results } = saidOf('header-forwarding', world({ route: shared }, web()))
  assert.equal(state, 'pass', results.join())
})

test('without a Service behind a gateway the callers are not known, so that nobody can tell', () => {
  const { state, results, fixes } = saidOf('header-forwarding', world({ route: byHeader }))
  assert.equal(state, 'unknown', results.join())
  assert.match(results.join(), /whether callers in the mesh forward x-istio-cohort/)
  assert.match(fixes.join('\n'), /Once you know that a caller forwards it/)
})
