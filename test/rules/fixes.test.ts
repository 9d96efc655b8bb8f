import assert from 'node:assert/strict'
import type { KubeObject } from '../../shared/objects/kube-object.ts'
import { refOf } from '../../shared/objects/kinds.ts'
import { catalogue } from '../../shared/rules/catalogue.ts'
import { lintView } from '../../shared/rules/introduced.ts'
import { commandsOf } from './fixes/follow-command.ts'
import { snapshot } from '../../shared/view/snapshot.ts'
import { clusterTests } from '../cluster/cluster-test.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { objectsOf } from '../providers/istio/resolve/corpus.ts'
import { examples } from './examples.ts'

const clusterTest = clusterTests()

const pod = (labels: string) =>
  `{metadata: {labels: {app: cart, ${labels}}}, spec: {containers: [{name: cart, image: cart}]}}`
const deployment = (name: string, labels: string) =>
  `{apiVersion: apps/v1, kind: Deployment, metadata: {name: ${name}, namespace: shop}, spec: {selector: {matchLabels: {app: cart}}, template: ${pod(labels)}}}`
const service =
  '{apiVersion: v1, kind: Service, metadata: {name: cart, namespace: shop}, spec: {selector: {app: cart}, ports: [{name: http, port: 80}]}}'
const split = (one: string, other: string) =>
  `{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: cart, namespace: shop}, spec: {hosts: [cart], http: [{route: [`
  + `{destination: {host: cart, subset: ${one}}, weight: 90}, {destination: {host: cart, subset: ${other}}, weight: 10}], mirror: {host: cart, subset: ${other}}}]}}`
const rule = (name: string, spec: string) =>
  `{apiVersion: networking.istio.io/v1, kind: DestinationRule, metadata: {name: ${name}, namespace: shop}, spec: ${spec}}`

/** Worlds in which several things are wrong at once, so that one fix must not undo another; and those of the examples that end in a command. */
const worlds: Readonly<Record<string, readonly string[]>> = {
  'two subsets, no DestinationRule': [service, split('v1', 'v2')],
  'two subsets, by a label of the workloads': [
    service,
    deployment('blue', 'track: blue'),
    deployment('green', 'track: green'),
    split('blue', 'green'),
  ],
  'two subsets, another DestinationRule of the name': [
    service,
    split('v1', 'v2'),
    rule('cart', '{host: card}'),
  ],
  'two subsets, a DestinationRule without any': [service, split('v1', 'v2'), rule('cart', '{host: cart}')],
  'two subsets, a DestinationRule with another': [
    service,
    split('v2', 'v3'),
    rule('cart', '{host: cart, subsets: [{name: v1, labels: {version: v1}}]}'),
  ],
  'a rule of a half-written host': [service, rule('cart', '{host: cart.shop}')],
  'a workload without the label': [
    service,
    deployment('cart', 'tier: web'),
    rule('cart', '{host: cart, subsets: [{name: v1, labels: {version: v1}}]}'),
    split('v1', 'v1').replace('weight: 90', 'weight: 100').replace('weight: 10}', 'weight: 0}'),
  ],
  ...Object.fromEntries(
    [
      'unnamed-port Service',
      'http-route-on-non-http-port VirtualService',
      'undefined-subset VirtualService',
      'subset-without-destination-rule VirtualService',
    ].map(id => [id, [examples[id]!.violates]]),
  ),
}
const kinds = 'services,deployments,virtualservices.networking.istio.io,destinationrules.networking.istio.io'

async function findingsIn(cluster: Cluster, namespace: string) {
  const { stdout } = await cluster.kubectl(['get', kinds, '-n', namespace, '-o', 'json'])
  const { items } = JSON.parse(stdout) as { readonly items: readonly KubeObject[] }
  return lintView(
    { rules: catalogue, settings: { complete: true, relativeWeights: false } },
    snapshot(items.filter(object => refOf(object).name !== 'kubernetes')),
  ).filter(
    ({ severity, absent }) => [severity.webhook, severity.lint].includes('error') && absent !== 'workload',
  )
}

for (const [title, documents] of Object.entries(worlds)) {
  clusterTest(
    `each command that is printed works, and all together leave no finding: ${title}`,
    async cluster => {
      const namespace = await cluster.namespace()
      const texts = documents
        .join('\n---\n')
        .replaceAll('namespace: shop', `namespace: ${namespace}`)
        .replaceAll('cart.shop', `cart.${namespace}`)
      assert.ok(objectsOf(texts).length > 0)
      await cluster.apply(texts, { namespace })
      const before = await findingsIn(cluster, namespace)
      const commands = before.flatMap(({ fix }) => commandsOf(fix))
      assert.ok(commands.length > 0, JSON.stringify(before))
      for (const command of commands) {
        const [, manifest] = /^echo '(.*)' \| kubectl apply -f -$/.exec(command) ?? []
        if (manifest !== undefined) await cluster.apply(manifest, { namespace })
        else {
          const words = [...command.matchAll(/(?:[^\s']|'[^']*')+/g)].map(([word]) =>
            word.replaceAll("'", ''),
          )
          const { code, stderr } = await cluster.kubectl(words.slice(1))
          assert.equal(code, 0, `${command}: ${stderr}`)
        }
      }
      assert.deepEqual(
        (await findingsIn(cluster, namespace)).map(({ rule: id, message }) => `${id}: ${message}`),
        [],
      )
    },
  )
}
