import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import type { CheckOutcome } from '../../../shared/readiness/judge-readiness.ts'
import { reportsOn, yaml } from '../reports.ts'
import { deployment, namespace, world } from '../worlds.ts'

/** What one check says of the namespace. */
function ofNamespace(id: string, objects: readonly KubeObject[], live = true): CheckOutcome {
  const report = reportsOn(objects, { live }).find(({ ref }) => ref.kind === 'Namespace')
  return report!.checks.find(check => check.id === id)!
}

const messagesOf = ({ results }: CheckOutcome): readonly string[] => results.map(({ message }) => message)

describe('the workloads of a namespace', () => {
  const proxies = [
    deployment('entry', 'app: entry', { metadata: ', annotations: {inject.istio.io/templates: gateway}' }),
    deployment('routed', 'app: routed, gateway.networking.k8s.io/gateway-name: public'),
  ]
  const others = [
    deployment('opted-out', 'app: opted, sidecar.istio.io/inject: "false"'),
    deployment('noted-out', 'app: noted', { metadata: ', annotations: {sidecar.istio.io/inject: "false"}' }),
    deployment('on-the-node', 'app: node', { spec: 'hostNetwork: true, ' }),
    deployment('asleep', 'app: asleep', { replicas: 0 }),
    `{apiVersion: v1, kind: Pod, metadata: {name: once, namespace: shop, labels: {app: once}, ownerReferences: [{apiVersion: batch/v1, kind: Job, name: once, uid: j, controller: true}]}, spec: {containers: []}}`,
  ]

  it('need no Service where they are proxies, outside the mesh, scaled to zero or run once', () => {
    const said = ofNamespace('workload-service', world({}, ...proxies, ...others))
    assert.deepEqual(messagesOf(said), ['each of the 2 workloads is behind a Service'])
  })

  it('need a Service also where they only call others, and the fix creates one that selects them', () => {
    const caller = deployment('worker', 'version: v1, tier: back').replace(
      'ports: [{name: http, containerPort: 8080}]',
      'ports: []',
    )
    const [result] = ofNamespace('workload-service', world({}, caller)).results
    assert.equal(result!.state, 'warn')
    assert.equal(result!.message, 'no Service selects the pods of Deployment worker')
    const [command] = result!.fix
    assert.match(command!, /"selector":\{"tier":"back"\}/)
    assert.match(command!, /"clusterIP":"None"/)
  })
})

describe('the Service for a workload', () => {
  it('selects it by its usual label, and has a port for each of its TCP ports', () => {
    const web = deployment('web', 'tier: front, app: web').replace(
      'ports: [{name: http, containerPort: 8080}]',
      'ports: [{name: grpc, containerPort: 9000}, {containerPort: 9000}, {containerPort: 53, protocol: UDP}]',
    )
    const [result] = ofNamespace('workload-service', world({}, web)).results
    assert.match(result!.fix[0]!, /"selector":\{"app":"web"\}/)
    assert.match(
      result!.fix[0]!,
      /"ports":\[\{"name":"grpc-9000","port":9000,"targetPort":9000,"appProtocol":"grpc"\}\]/,
    )
  })

  it('needs a label first where its pods have none but the version', () => {
    const bare = deployment('bare', 'version: v7')
    const [result] = ofNamespace('workload-service', world({}, bare)).results
    assert.deepEqual(result!.fix, [
      'Give its pods a label, such as app: bare, and create a Service that selects it.',
    ])
  })
})

describe('the injection of a namespace', () => {
  const outside = (labels: string, ...added: readonly string[]): CheckOutcome =>
    ofNamespace('injection', world({ namespace: namespace(labels) }, ...added))

  it('is asked for as most other namespaces do, and the kinds that are there are restarted', () => {
    const others = ['a', 'b'].map(name => namespace('istio.io/rev: asm-managed', name))
    const [result] = outside('team: x', ...others, namespace('istio-injection: enabled', 'c')).results
    assert.equal(result!.state, 'warn')
    assert.deepEqual(result!.fix, [
      'kubectl label namespace shop istio.io/rev=asm-managed --overwrite',
      'kubectl rollout restart deployment -n shop',
    ])
  })

  it('cannot be told where namespaces are injected unless they refuse', () => {
    const [open] = outside('team: x', namespace('istio-injection: disabled', 'other')).results
    assert.equal(open!.state, 'unknown')
    assert.match(open!.message, /do not say whether/)
    const [refused] = outside('istio-injection: disabled').results
    assert.equal(refused!.state, 'warn')
    assert.match(refused!.message, /is not in the mesh: istio-injection=disabled/)
  })

  it('takes the label away that hides a revision', () => {
    const [result] = outside('istio-injection: disabled, istio.io/rev: stable').results
    assert.match(result!.message, /: istio-injection=disabled$/)
    assert.deepEqual(result!.fix.slice(0, 1), ['kubectl label namespace shop istio-injection- --overwrite'])
  })

  it('cannot be told on files without the Namespace, and the sentence names it', () => {
    const objects = yaml(deployment('catalog', 'app: catalog, version: v1'))
    const [result] = ofNamespace('injection', objects, false).results
    assert.equal(result!.state, 'unknown')
    assert.match(result!.message, /^Namespace shop is not in these files: /)
  })
})
