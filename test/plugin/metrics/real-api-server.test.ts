/** How a real API server is asked for Prometheus; its proxy refuses addresses of the loopback, so that nothing is behind the Service. */
import assert from 'node:assert/strict'
import { openStore } from '../../../plugin/open-store.ts'
import { clusterTests } from '../../cluster/cluster-test.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { runCommand, words, type Ended } from '../run-command.ts'
import { shop } from '../shop.ts'

const real = clusterTests()

const prometheus = `
apiVersion: v1
kind: Service
metadata: { name: prometheus, labels: { app.kubernetes.io/name: prometheus } }
spec: { selector: { app: prometheus }, ports: [{ name: http, port: 9090 }] }
`

const rights = (namespace: string, proxy: string): string => `
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: { name: reader-of-${namespace} }
rules:
- { apiGroups: [''], resources: [services, pods, namespaces, configmaps, endpoints], verbs: [get, list] }
- { apiGroups: [apps, networking.istio.io, discovery.k8s.io, gateway.networking.k8s.io, autoscaling], resources: ['*'], verbs: [get, list] }
${proxy}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: { name: reader-of-${namespace} }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: reader-of-${namespace} }
subjects: [{ apiGroup: rbac.authorization.k8s.io, kind: User, name: reader-of-${namespace} }]
`

/** A catalog beside a Prometheus without pods, and how its status looks to who may do that. */
async function shown(cluster: Cluster, proxy: string): Promise<Ended> {
  const namespace = await cluster.namespace()
  const objects = shop('catalog').map(({ metadata, ...object }) => ({
    ...object,
    metadata: { ...metadata, namespace },
    ...(object.kind === 'Deployment' && {
      spec: {
        selector: { matchLabels: { app: 'catalog' } },
        template: {
          metadata: { labels: { app: 'catalog', version: metadata.name.slice(-2) } },
          spec: { containers: [{ name: 'catalog', image: 'catalog' }] },
        },
      },
    }),
  }))
  await cluster.apply(objects.map(object => JSON.stringify(object)).join('\n---\n'), { namespace })
  await cluster.apply(prometheus, { namespace })
  await cluster.apply(rights(namespace, proxy), { namespace })
  const kubeconfig = await cluster.kubeconfigFor({ name: `reader-of-${namespace}` }, { namespace })
  const ended = await runCommand([...words('status catalog'), '--kubeconfig', kubeconfig], {
    store: openStore,
  })
  await cluster.expect(`/api/v1/namespaces/${namespace}/services/prometheus`, { method: 'DELETE' })
  return ended
}

real('a Prometheus without pods is said to have none by who may get services/proxy', async cluster => {
  const { code, stdout, stderr } = await shown(
    cluster,
    "- { apiGroups: [''], resources: [services/proxy], verbs: [get] }",
  )
  assert.equal(code, 0)
  assert.match(stdout, /^ {2}v2 /m)
  assert.match(
    stderr,
    /no live figures: Service test-\w+\/prometheus: \w+ "prometheus" not found; check that its pods run/,
  )
})

real('who may not get services/proxy is shown the status, and no word on figures', async cluster => {
  const { code, stdout, stderr } = await shown(cluster, '')
  assert.equal(code, 0)
  assert.match(stdout, /^ {2}v2 /m)
  assert.doesNotMatch(stderr, /figures/)
})
