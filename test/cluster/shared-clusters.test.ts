import assert from 'node:assert/strict'
import { clusterTests } from './cluster-test.ts'
import { until, type Cluster } from './cluster.ts'

const first = clusterTests()
const second = clusterTests()
let before: Cluster | undefined

const routes = `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: catalog, namespace: default }
spec: { hosts: [catalog], http: [{ route: [{ destination: { host: catalog } }] }] }
`
const names = async (cluster: Cluster, kinds: string): Promise<string> =>
  (await cluster.kubectl(['get', kinds, '-A', '-o', 'name'])).stdout

first('tests change a cluster as they like', async cluster => {
  before = cluster
  await cluster.namespace()
  await cluster.apply(routes)
  await cluster.addCrds('gateway-api')
  for (const args of ['delete clusterrole edit', 'label namespace default team=shop'])
    assert.equal((await cluster.kubectl(args.split(' '))).code, 0)
})

second('those of the next file find that cluster as it was at its start', async cluster => {
  assert.equal(cluster, before)
  assert.equal(await names(cluster, 'virtualservices'), '')
  assert.doesNotMatch(await names(cluster, 'namespaces'), /test-/)
  assert.doesNotMatch(await names(cluster, 'customresourcedefinitions'), /gateway\.networking\.k8s\.io/)
  assert.match(await names(cluster, 'clusterroles'), /\/edit\n/)
  const { metadata } = (await cluster.expect('/api/v1/namespaces/default')) as {
    readonly metadata: { readonly labels: object }
  }
  assert.deepEqual(metadata.labels, { 'kubernetes.io/metadata.name': 'default' })
  // What was there can be made again, and what is new is seen.
  assert.match(await cluster.apply(routes), /catalog created/)
})

const [third, fourth] = [clusterTests(), clusterTests()]
third('a cluster is kept for the tests of a file that still wait', async cluster => {
  before = cluster
})
fourth('and others start one of their own', async cluster => {
  assert.notEqual(cluster, before)
})
third('which find it as they have left it', async cluster => {
  assert.equal(cluster, before)
})

const kindsOf = (cluster: Cluster) => names(cluster, 'customresourcedefinitions')
const [fifth, sixth, seventh] = [
  clusterTests(),
  clusterTests({ crds: ['gateway-api'] }),
  clusterTests({ crds: ['istio', 'controllers'] }),
]
fifth('tests with custom kinds leave objects of those', async cluster => {
  before = cluster
  await cluster.apply(routes)
})
sixth('those that ask for other kinds find that cluster with these only', async cluster => {
  assert.equal(cluster, before)
  const kinds = await kindsOf(cluster)
  assert.match(kinds, /httproutes\.gateway\.networking\.k8s\.io/)
  assert.doesNotMatch(kinds, /istio/)
  const { code, stderr } = await cluster.kubectl(['get', 'virtualservices'])
  assert.deepEqual([code, /doesn't have a resource type/.test(stderr)], [1, true], stderr)
  assert.equal(await names(cluster, 'httproutes'), '')
})
seventh(
  'and those that ask for the first ones again find these, with others, and none of their objects',
  async cluster => {
    assert.equal(cluster, before)
    const kinds = await kindsOf(cluster)
    assert.deepEqual(
      [/virtualservices\.networking\.istio/, /rollouts\.argoproj/, /gateway-?api|httproutes/].map(kind =>
        kind.test(kinds),
      ),
      [true, true, false],
    )
    assert.equal(await names(cluster, 'virtualservices'), '')
    assert.match(await cluster.apply(routes), /catalog created/)
  },
)

const deployment = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: catalog }
spec:
  replicas: 2
  selector: { matchLabels: { app: catalog } }
  template: { metadata: { labels: { app: catalog } }, spec: { containers: [{ name: c, image: c }] } }
`
const [eighth, ninth] = [
  clusterTests({ crds: [], controllerManager: true }),
  clusterTests({ controllerManager: true }),
]
const hasPods = async (cluster: Cluster): Promise<void> => {
  await cluster.apply(deployment)
  await until('its pods are there', async () => (await names(cluster, 'pods')).split('\n').length === 3)
}
eighth('where controllers run, they make pods', async cluster => {
  before = cluster
  await hasPods(cluster)
})
ninth('and the next find a cluster without those, in which they make others', async cluster => {
  assert.equal(cluster, before)
  assert.equal(await names(cluster, 'deployments,replicasets,pods,virtualservices'), '')
  await hasPods(cluster)
  const { stdout } = await cluster.kubectl(['get', 'serviceaccounts', '-A', '-o', 'name'])
  assert.ok(stdout.includes('serviceaccount/default'), stdout)
})
