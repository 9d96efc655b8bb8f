/** Pods that their workload keeps back, and that have a label which its template no longer has. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { parse } from 'yaml'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { catalogue } from '../../../shared/rules/catalogue.ts'
import { introduced, lintView } from '../../../shared/rules/introduced.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'

const objectOf = (text: string): KubeObject => parse(text) as KubeObject
const metadata = '{name: cart, namespace: shop}'
const service = objectOf(
  `{apiVersion: v1, kind: Service, metadata: ${metadata}, spec: {selector: {track: canary}, ports: [{name: http, port: 80}]}}`,
)
const routes = [
  `{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: ${metadata}, spec: {parentRefs: [{group: "", kind: Service, name: cart}], rules: [{backendRefs: [{name: cart, port: 80}]}]}}`,
  `{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: ${metadata}, spec: {hosts: [cart], http: [{route: [{destination: {host: cart}}]}]}}`,
  `{apiVersion: apisix.apache.org/v2, kind: ApisixRoute, metadata: ${metadata}, spec: {http: [{name: all, match: {paths: [/*]}, backends: [{serviceName: cart, servicePort: 80}]}]}}`,
].map(objectOf)

interface Keeping {
  readonly kind: string
  readonly keeping: string
  readonly releasing: string
}

const template = '{metadata: {labels: {name: cart, track: none}}}'
const workload = (kind: string, more: string): KubeObject =>
  objectOf(
    `{apiVersion: apps/v1, kind: ${kind}, metadata: ${metadata}, spec: {selector: {matchLabels: {name: cart}}, template: ${template}, ${more}}}`,
  )
/** The pod of the template before, and what tells which that was. */
const madeOf = (kind: string): readonly KubeObject[] => {
  const owner = (of: string, name: string): string =>
    `ownerReferences: [{apiVersion: apps/v1, kind: ${of}, name: ${name}, controller: true}]`
  const labels = '{name: cart, track: canary'
  const pod = (hash: string, owned: string): string =>
    `{apiVersion: v1, kind: Pod, metadata: {name: cart-0, namespace: shop, labels: ${labels}, ${hash}}, ${owned}}}`
  return kind === 'Deployment'
    ? [
        pod('pod-template-hash: a1', owner('ReplicaSet', 'cart-a1')),
        `{apiVersion: apps/v1, kind: ReplicaSet, metadata: {name: cart-a1, namespace: shop, ${owner(kind, 'cart')}}, spec: {template: {metadata: {labels: ${labels}, pod-template-hash: a1}}}}}`,
      ].map(objectOf)
    : [
        pod('controller-revision-hash: cart-a1', owner(kind, 'cart')),
        `{apiVersion: apps/v1, kind: ControllerRevision, metadata: {name: cart-a1, namespace: shop, labels: ${labels}}, ${owner(kind, 'cart')}}}`,
      ].map(objectOf)
}

const judge = { rules: catalogue, settings: { complete: true, relativeWeights: false } }
const onDelete = {
  keeping: 'updateStrategy: {type: OnDelete}',
  releasing: 'updateStrategy: {type: RollingUpdate}',
}

for (const { kind, keeping, releasing } of [
  { kind: 'Deployment', keeping: 'paused: true', releasing: 'replicas: 1' },
  { kind: 'StatefulSet', ...onDelete },
  { kind: 'DaemonSet', ...onDelete },
  {
    kind: 'StatefulSet',
    keeping: 'updateStrategy: {rollingUpdate: {partition: 1}}',
    releasing: 'updateStrategy: {rollingUpdate: {partition: 0}}',
  },
] as const satisfies readonly Keeping[]) {
  const before = workload(kind, keeping)
  const standing = [service, before, ...madeOf(kind), ...routes]
  const isAbout = ({ rule }: { readonly rule: string }): boolean => rule.endsWith('matches-no-workload')
  test(`a ${kind} with ${keeping} serves the routes with the pods that it keeps back`, () =>
    assert.deepEqual(lintView(judge, snapshot(standing)).filter(isAbout), []))
  test(`a ${kind} with ${keeping} that is to replace them takes their routes along`, () =>
    assert.deepEqual(
      introduced(judge, snapshot(standing), [{ before, after: workload(kind, releasing) }])
        .filter(isAbout)
        .map(({ ref, severity }) => `${ref.kind} ${severity.webhook}`)
        .toSorted(),
      ['ApisixRoute error', 'HTTPRoute error', 'VirtualService error'],
    ))
}

for (const kind of ['StatefulSet', 'DaemonSet']) {
  const labelled = (labels: string): KubeObject =>
    objectOf(JSON.stringify(workload(kind, onDelete.keeping)).replace('"track":"none"', labels))
  const [before, unlabelled, other] = ['"track":"canary"', '"team":"shop"', '"track":"other"'].map(labelled)
  const standing = [service, before!, ...madeOf(kind), ...routes]
  const found = (after: KubeObject, objects: readonly KubeObject[]): readonly string[] =>
    introduced(judge, snapshot(objects), [{ before, after }])
      .filter(({ rule }) => rule.endsWith('matches-no-workload'))
      .map(({ ref, severity }) => `${ref.kind} ${severity.webhook}`)
      .toSorted()

  test(`a ${kind} whose next pods lack the label of the Service takes the routes along when its pods are deleted`, () => {
    assert.deepEqual(found(unlabelled!, standing), [
      'ApisixRoute error',
      'HTTPRoute error',
      'VirtualService error',
    ])
    const stands = lintView(judge, snapshot(standing.with(1, unlabelled!)))
    assert.deepEqual(
      stands
        .filter(({ rule }) => rule.endsWith('matches-no-workload'))
        .map(({ severity, fix }) => `${severity.lint} ${fix}`),
      Array(3).fill(
        `warning kubectl patch ${kind.toLowerCase()} cart -n shop --type=merge -p='{"spec":{"template":{"metadata":{"labels":{"track":"canary"}}}}}'`,
      ),
    )
  })
  test(`a ${kind} whose next pods are of another version, or are not the last, may change its template`, () => {
    assert.deepEqual(found(other!, standing), [])
    const beside = objectOf(
      '{apiVersion: apps/v1, kind: Deployment, metadata: {name: more, namespace: shop}, spec: {template: {metadata: {labels: {track: canary}}}}}',
    )
    assert.deepEqual(found(unlabelled!, [...standing, beside]), [])
  })
}
