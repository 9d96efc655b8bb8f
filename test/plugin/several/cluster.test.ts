import assert from 'node:assert/strict'
import { openStore } from '../../../plugin/open-store.ts'
import { contentOf } from '../../../shared/objects/content/content.ts'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { clusterTests } from '../../cluster/cluster-test.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { runCommand, words, type Ended } from '../run-command.ts'
import { statusInWords } from '../print/status-in-words.ts'

const real = clusterTests()

const gateway = `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: public }
spec:
  selector: { istio: ingressgateway }
  servers: [{ port: { number: 80, name: http, protocol: HTTP }, hosts: ['*.example.com'] }]`
const service = (name: string): string => `
apiVersion: v1
kind: Service
metadata: { name: ${name} }
spec: { selector: { app: ${name} }, ports: [{ name: http, port: 80 }] }
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: ${name} }
spec: { host: ${name}, subsets: [{ name: v1, labels: { version: v1 } }, { name: v2, labels: { version: v2 } }] }
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: ${name} }
spec: { hosts: [${name}], http: [{ route: [{ destination: { host: ${name}, subset: v1 } }] }] }
---
${['v1', 'v2'].map(version => deployment(name, version)).join('\n---\n')}`
const deployment = (name: string, version: string): string => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name}-${version} }
spec:
  selector: { matchLabels: { app: ${name}, version: ${version} } }
  template:
    metadata: { labels: { app: ${name}, version: ${version} } }
    spec: { containers: [{ name: app, image: app }] }`

/** Services in a namespace of their own, all on v1, and both versions ready. */
async function shopIn(cluster: Cluster, ...names: readonly string[]) {
  const namespace = await cluster.namespace()
  await cluster.apply([gateway, ...names.map(service)].join('\n---\n'), { namespace })
  for (const name of names)
    for (const version of ['v1', 'v2'])
      await cluster.expect(`/apis/apps/v1/namespaces/${namespace}/deployments/${name}-${version}/status`, {
        method: 'PATCH',
        contentType: 'application/merge-patch+json',
        body: { status: { replicas: 1, readyReplicas: 1 } },
      })
  const canary = (line: string, now = new Date()): Promise<Ended> =>
    runCommand([...words(line), '-n', namespace, '--kubeconfig', cluster.kubeconfig], {
      store: openStore,
      now,
    })
  const list = async (path: string): Promise<readonly KubeObject[]> =>
    ((await cluster.expect(path)) as { readonly items: readonly KubeObject[] }).items
  return {
    namespace,
    canary,
    does: async (line: string, now?: Date): Promise<Ended> => {
      const ended = await canary(line, now)
      assert.equal(ended.code, 0, `${line}: ${ended.stderr}`)
      return ended
    },
    routes: async () =>
      (await list(`/apis/networking.istio.io/v1/namespaces/${namespace}/virtualservices`)).map(contentOf),
  }
}

const changesOf = async (
  does: (line: string) => Promise<Ended>,
  name: string,
): Promise<readonly Record<string, unknown>[]> =>
  (
    JSON.parse((await does(`history ${name} -o json`)).stdout) as {
      readonly changes: readonly Record<string, unknown>[]
    }
  ).changes

real(
  'a cohort of several Services is one change in all their histories, and one undo takes it back',
  async cluster => {
    const { does, canary, routes, namespace } = await shopIn(cluster, 'catalog', 'checkout', 'web')
    const start = await routes()
    await does('weight web v2=10')
    const weighted = await routes()
    await does('cohort internal --to v2 --all-services --reason chain --settle 0')
    const histories = await Promise.all(['catalog', 'checkout', 'web'].map(name => changesOf(does, name)))
    const last = histories.map(changes => changes.at(-1)!)
    assert.deepEqual(
      last.map(({ title, reason, revision }) => [title, reason, revision]),
      [1, 1, 2].map(revision => ['cohort internal → v2 for catalog, checkout, web', 'chain', revision]),
    )
    assert.equal(new Set(last.map(({ id }) => id)).size, 1)
    assert.deepEqual(last[2]!['with'], [
      { service: 'catalog', namespace, revision: 1 },
      { service: 'checkout', namespace, revision: 1 },
    ])
    assert.match((await does('cohorts')).stdout, /OWNER[\s\S]*catalog +internal +v2 +admin/)
    assert.match(
      (await does('history web --revision 2')).stdout,
      /Together with: +\S+\/catalog \(revision 1\)/,
    )
    await does('undo checkout')
    assert.deepEqual(await routes(), weighted)
    await does('undo web --to-revision 0')
    assert.deepEqual(await routes(), start)
    await cluster.expect(`/apis/apps/v1/namespaces/${namespace}/deployments/checkout-v2/status`, {
      method: 'PATCH',
      contentType: 'application/merge-patch+json',
      body: { status: { replicas: 1, readyReplicas: 0 } },
    })
    const refused = await canary('cohort internal --to v2 --service catalog,checkout')
    assert.equal(refused.code, 3, refused.stderr)
    assert.deepEqual(await routes(), start)
  },
)

real(
  'expired cohorts of all namespaces are removed as one change, and one undo brings them back',
  async cluster => {
    const one = await shopIn(cluster, 'catalog', 'checkout')
    const other = await shopIn(cluster, 'invoice')
    await one.does('cohort old --to v2 --service catalog,checkout --until 1h')
    await other.does('cohort past --to v2 --until 1h')
    const before = [await one.routes(), await other.routes()]
    const later = new Date(Date.now() + 7_200_000)
    const { stdout } = await one.does('cohorts -A --expired --remove', later)
    assert.match(stdout, /invoice configured in namespace/)
    assert.doesNotMatch(JSON.stringify([await one.routes(), await other.routes()]), /canary-/)
    const again = await one.does('cohorts -A --expired --remove', later)
    assert.match(again.stderr, /No cohort is expired in any namespace/)
    await one.does('undo checkout')
    assert.deepEqual([await one.routes(), await other.routes()], before)
  },
)

real('a preview at a host of its own goes with promote, and undo brings it back', async cluster => {
  const { does, routes } = await shopIn(cluster, 'catalog')
  const start = await routes()
  await does('init catalog --stable v1 --preview v2 --gateway public --preview-host next.example.com')
  const previewed = await routes()
  assert.match(
    statusInWords((await does('status catalog')).stdout),
    /next\.example\.com on public \(preview of v2\)\n +everyone → v2 100 %/,
  )
  await does('promote catalog v2')
  assert.match(statusInWords((await does('status catalog')).stdout), /everyone → v2 100 %\n$/)
  await does('undo catalog')
  assert.deepEqual(await routes(), previewed)
  await does('abort catalog')
  assert.deepEqual(await routes(), start)
})
