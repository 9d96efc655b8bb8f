import assert from 'node:assert/strict'
import { openStore } from '../../../plugin/open-store.ts'
import { contentOf } from '../../../shared/objects/content/content.ts'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { runCommand, words, type Ended } from '../run-command.ts'

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
export async function shopIn(cluster: Cluster, ...names: readonly string[]) {
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
