import assert from 'node:assert/strict'
import { openStore } from '../../../plugin/open-store.ts'
import { clusterTests } from '../../cluster/cluster-test.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { runCommand, words } from '../run-command.ts'

const real = clusterTests({ crds: ['istio', 'gateway-api'] })

const deployment = (version: string, replicas: number): string =>
  `{apiVersion: apps/v1, kind: Deployment, metadata: {name: tea-${version}}, spec: {replicas: ${replicas}, selector: {matchLabels: {app: tea, version: ${version}}}, template: {metadata: {labels: {app: tea, version: ${version}}}, spec: {containers: [{name: tea, image: tea}]}}}}`
const service =
  '{apiVersion: v1, kind: Service, metadata: {name: tea}, spec: {selector: {app: tea}, ports: [{name: http, port: 80}]}}'
const rule =
  '{apiVersion: networking.istio.io/v1, kind: DestinationRule, metadata: {name: tea}, spec: {host: tea, subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]}}'
const route =
  '{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: tea}, spec: {hosts: [tea], http: [{route: [{destination: {host: tea, subset: v1}}]}]}}'
const autoscaler = (most: number): string =>
  `{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: tea}, spec: {minReplicas: 1, maxReplicas: ${most}, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: tea-v2}}}`
const httpRoute =
  '{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: tea}, spec: {parentRefs: [{group: "", kind: Service, name: tea, port: 80}], rules: [{backendRefs: [{name: tea, port: 80}]}]}}'

const canary = (cluster: Cluster, namespace: string, line: string) =>
  runCommand([...words(line), '-n', namespace, '--kubeconfig', cluster.kubeconfig], { store: openStore })

/** The words of a printed command whose quoted word has no space. */
const unquoted = (command: string): readonly string[] => command.replaceAll("'", '').split(' ')

/** There is no kubelet: the Deployments say themselves how many pods are ready. */
async function makeReady(cluster: Cluster, namespace: string, pods: Readonly<Record<string, number>>) {
  for (const [name, count] of Object.entries(pods))
    await cluster.expect(`/apis/apps/v1/namespaces/${namespace}/deployments/${name}/status`, {
      method: 'PATCH',
      contentType: 'application/merge-patch+json',
      body: { status: { replicas: count, readyReplicas: count, availableReplicas: count } },
    })
}

real(
  'an autoscaler that an API server has is read: what it may add is said before a promotion',
  async cluster => {
    const namespace = await cluster.namespace()
    const objects = [deployment('v1', 4), deployment('v2', 1), service, rule, route, autoscaler(2)]
    await cluster.apply(objects.join('\n---\n'), { namespace })
    await makeReady(cluster, namespace, { 'tea-v1': 4, 'tea-v2': 1 })

    const weighed = await canary(cluster, namespace, 'weight tea v2=50 --dry-run=client')
    assert.equal(weighed.code, 0, weighed.stderr)
    assert.match(weighed.stdout + weighed.stderr, /HorizontalPodAutoscaler/)

    const refused = await canary(cluster, namespace, 'promote tea v2')
    assert.equal(refused.code, 3)
    const [, patch] = /Raise the minimum first: kubectl (.*)/.exec(refused.stderr) ?? []
    assert.ok(patch !== undefined, refused.stderr)
    assert.equal((await cluster.kubectl(unquoted(patch))).code, 0, patch)
    assert.deepEqual(
      (
        (await cluster.expect(
          `/apis/autoscaling/v2/namespaces/${namespace}/horizontalpodautoscalers/tea`,
        )) as {
          readonly spec: object
        }
      ).spec,
      {
        minReplicas: 4,
        maxReplicas: 4,
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'tea-v2' },
        metrics: [
          {
            type: 'Resource',
            resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } },
          },
        ],
      },
    )
    await makeReady(cluster, namespace, { 'tea-v2': 4 })
    const promoted = await canary(cluster, namespace, 'promote tea v2')
    assert.equal(promoted.code, 0, promoted.stderr)
  },
)

real('an HTTPRoute that an API server has keeps init by Istio from a route beside it', async cluster => {
  const namespace = await cluster.namespace()
  await cluster.apply([deployment('v1', 1), deployment('v2', 1), service, httpRoute].join('\n---\n'), {
    namespace,
  })
  await makeReady(cluster, namespace, { 'tea-v1': 1, 'tea-v2': 1 })

  const status = await canary(cluster, namespace, 'status tea')
  assert.match(status.stdout, /any of v1, v2/)
  const refused = await canary(cluster, namespace, 'init tea --stable v1 --provider istio')
  assert.equal(refused.code, 3, refused.stdout)
  assert.ok(refused.stderr.includes(`HTTPRoute ${namespace}/tea`), refused.stderr)
  const forced = await canary(cluster, namespace, 'init tea --stable v1 --provider istio --force')
  assert.equal(forced.code, 0, forced.stderr)
  const { stdout } = await cluster.kubectl(['get', 'virtualservices', '-n', namespace, '-o', 'name'])
  assert.equal(stdout, 'virtualservice.networking.istio.io/tea\n')
})
