import assert from 'node:assert/strict'
import { clusterTests } from '../cluster/cluster-test.ts'
import { catalogWorld } from '../plugin/history/catalog-world.ts'
import { render } from './helm.ts'

const real = clusterTests({ needs: ['helm4'] })

real('with the role for history and rights on the routes, changes are recorded and undone', async cluster => {
  const world = await catalogWorld(cluster)
  const role = (await render()).find(({ metadata }) => metadata.name.endsWith('-history'))!
  assert.equal(role.metadata.labels?.['rbac.authorization.k8s.io/aggregate-to-edit'], 'true')
  await cluster.apply(JSON.stringify(role))
  await cluster.apply(`
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: { name: routes }
rules:
  - { apiGroups: [networking.istio.io], resources: ['*'], verbs: ['*'] }
  - { apiGroups: [''], resources: [configmaps, endpoints, namespaces, pods, replicationcontrollers, services], verbs: [get, list] }
  - { apiGroups: [apps], resources: [daemonsets, deployments, replicasets, statefulsets], verbs: [get, list] }
  - { apiGroups: [autoscaling, discovery.k8s.io, gateway.networking.k8s.io], resources: ['*'], verbs: [get, list] }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: { name: history }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: ${role.metadata.name} }
subjects: [{ apiGroup: rbac.authorization.k8s.io, kind: User, name: dev }]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: { name: routes }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: routes }
subjects: [{ apiGroup: rbac.authorization.k8s.io, kind: User, name: dev }]
`)
  const kubeconfig = await cluster.kubeconfigFor({ name: 'dev', groups: [] })
  for (const line of [
    'weight catalog v2=10 --history-limit 2',
    'weight catalog v2=20 --history-limit 2',
    'weight catalog v2=30 --history-limit 2',
    'undo catalog --history-limit 2',
  ]) {
    const { code, stderr } = await world.canary(line, ['--kubeconfig', kubeconfig])
    assert.deepEqual([code, stderr], [0, ''], line)
  }
  const { stdout } = await world.canary('history catalog', ['--kubeconfig', kubeconfig])
  assert.match(
    stdout,
    /3 +\S+ +dev +weight v1=70,v2=30[^]*4 +\S+ +dev +undo of weight v1=70,v2=30, to revision 2/,
  )
  const events = await cluster.expect(world.path('events'))
  assert.match(JSON.stringify(events), /"reason":"TrafficChanged"/)
})
