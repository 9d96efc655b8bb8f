import assert from 'node:assert/strict'
import { openCluster } from '../../../shared/live/open-cluster.ts'
import type { Workload } from '../../../shared/objects/core.ts'
import type { Change } from '../../../shared/view/change.ts'
import { clusterTests } from '../../cluster/cluster-test.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { surroundings } from '../folder.ts'

const real = clusterTests()

const objects = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: hello }
spec:
  replicas: 3
  selector: { matchLabels: { app: hello } }
  template: { metadata: { labels: { app: hello } }, spec: { containers: [{ name: hello, image: hello }] } }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: { name: ann }
rules: [{ apiGroups: [apps], resources: [deployments], verbs: [get, list, patch] }]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: ann }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: ann }
subjects: [{ apiGroup: rbac.authorization.k8s.io, kind: User, name: ann }]
`

/** Scales a Deployment to 5 as somebody who may patch it, but not its scale, after it was read and then changed. */
async function scaledAfter(cluster: Cluster, meanwhile: (path: string) => Promise<void>): Promise<Workload> {
  const namespace = await cluster.namespace()
  await cluster.apply(objects, { namespace })
  const kubeconfig = await cluster.kubeconfigFor({ name: 'ann' }, { namespace })
  const path = `/apis/apps/v1/namespaces/${namespace}/deployments/hello`
  const store = await openCluster({ kubeconfig }, surroundings())
  try {
    const { view } = await store.read({ namespaces: [namespace], kinds: ['Deployment'] })
    const before = view.get({ kind: 'Deployment', namespace, name: 'hello' })!
    await meanwhile(path)
    const change: Change = { before, after: { ...before, spec: { ...before.spec, replicas: 5 } } as Workload }
    await store.apply([change], { dryRun: 'none', scales: true })
  } finally {
    await store.close()
  }
  return (await cluster.expect(path)) as Workload
}

const patched =
  (cluster: Cluster, end: string, body: object) =>
  async (path: string): Promise<void> => {
    const options = { method: 'PATCH', contentType: 'application/merge-patch+json', body } as const
    await cluster.expect(`${path}${end}`, options)
  }

real('who may not scale a Deployment but patch it does so while its pods come and go', async cluster => {
  const pods = patched(cluster, '/status', { status: { replicas: 2, readyReplicas: 2 } })
  const { spec } = await scaledAfter(cluster, pods)
  assert.equal(spec.replicas, 5)
})

real('other replicas than those that were read are a conflict for who may not scale, too', async cluster => {
  const other = patched(cluster, '', { spec: { replicas: 4 } })
  await assert.rejects(
    scaledAfter(cluster, other),
    (error: { readonly code?: string; readonly message: string }) =>
      error.code === 'conflict' && /Deployment \S+\/hello was changed by someone else/.test(error.message),
  )
})
