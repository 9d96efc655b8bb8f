import assert from 'node:assert/strict'
import test from 'node:test'
import { parse } from 'yaml'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { catalogue } from '../../../shared/rules/catalogue.ts'
import { introduced } from '../../../shared/rules/introduced.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'

const objectOf = (text: string): KubeObject => parse(text) as KubeObject
const deployment = (labels: string): KubeObject =>
  objectOf(
    `{apiVersion: apps/v1, kind: Deployment, metadata: {name: cart, namespace: shop}, spec: {replicas: 0, template: {metadata: {labels: {${labels}}}}}}`,
  )
const rollout = (name: string, of: string): KubeObject =>
  objectOf(
    `{apiVersion: argoproj.io/v1alpha1, kind: Rollout, metadata: {name: ${name}, namespace: shop}, spec: {replicas: 2, workloadRef: {apiVersion: apps/v1, kind: Deployment, name: ${of}}}}`,
  )
/** One with a template of its own. */
const whole = objectOf(
  '{apiVersion: argoproj.io/v1alpha1, kind: Rollout, metadata: {name: whole, namespace: shop}, spec: {template: {metadata: {labels: {app: cart, version: v1}}}}}',
)
const routed = [
  '{apiVersion: v1, kind: Service, metadata: {name: cart, namespace: shop}, spec: {selector: {app: cart}, ports: [{name: http, port: 80}]}}',
  '{apiVersion: networking.istio.io/v1, kind: DestinationRule, metadata: {name: cart, namespace: shop}, spec: {host: cart, subsets: [{name: v1, labels: {version: v1}}]}}',
  '{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: cart, namespace: shop}, spec: {hosts: [cart], http: [{route: [{destination: {host: cart, subset: v1}}]}]}}',
].map(objectOf)
const judge = { rules: catalogue, settings: { complete: true, relativeWeights: false } }

test('the label that a Deployment loses is missing in the Rollout that takes its template, and in no other one', () => {
  const [before, after] = [deployment('app: cart, version: v1'), deployment('app: cart')]
  const standing = [before, rollout('cart', 'cart'), rollout('other', 'elsewhere'), whole, ...routed]
  assert.deepEqual(
    introduced(judge, snapshot(standing), [{ before, after }])
      .filter(({ rule }) => rule === 'missing-version-label')
      .map(({ ref }) => `${ref.kind} ${ref.name}`)
      .toSorted(),
    ['Deployment cart', 'Rollout cart'],
  )
})
