import assert from 'node:assert/strict'
import { clusterTests } from './cluster-test.ts'
import type { Cluster } from './cluster.ts'

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
