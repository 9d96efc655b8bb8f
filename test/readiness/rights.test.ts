import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openStore } from '../../plugin/open-store.ts'
import { clusterTests } from '../cluster/cluster-test.ts'
import { runCommand } from '../plugin/run-command.ts'
import { saidOf } from './reports.ts'
import { world, worldText } from './worlds.ts'

const real = clusterTests()

test('what may not be read is no error: the check says which right is missing', () => {
  const unread = new Set(['PodDisruptionBudget', 'PeerAuthentication', 'Namespace'] as const)
  const said = (id: string) => saidOf(id, world(), { unread })
  assert.deepEqual(said('disruption-budgets').results, [
    'unknown no permission to list poddisruptionbudgets.policy in shop',
  ])
  assert.match(said('mtls').results.join(), /no permission to list peerauthentications\.security\.istio\.io/)
  assert.deepEqual(said('injection').results, ['unknown no permission to list namespaces'])
  assert.equal(said('pod-labels').state, 'pass')
})

real('a person with few rights gets a report, with what they may not list', async cluster => {
  const namespace = await cluster.namespace()
  for (const text of worldText({ namespace: '' }))
    await cluster.apply(text.replaceAll('namespace: shop', `namespace: ${namespace}`), { namespace })
  const role = `
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: viewer}
rules:
- {apiGroups: ["", apps, networking.istio.io], resources: [services, pods, deployments, virtualservices, destinationrules, gateways, serviceentries, sidecars], verbs: [get, list]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: viewer}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: viewer}
subjects: [{kind: User, name: viewer-of-${namespace}}]`
  await cluster.apply(role, { namespace })
  const { code, stdout, stderr } = await runCommand(
    [
      'doctor',
      'catalog',
      '-n',
      namespace,
      '-o',
      'json',
      '--kubeconfig',
      cluster.kubeconfig,
      '--as',
      `viewer-of-${namespace}`,
    ],
    { store: openStore },
  )
  assert.equal(code, 0, stderr)
  const [{ checks }] = (
    JSON.parse(stdout) as { reports: [{ checks: { id: string; results: { message: string }[] }[] }] }
  ).reports
  const messageOf = (id: string) => checks.find(check => check.id === id)?.results[0]?.message
  assert.match(
    messageOf('autoscaling') ?? '',
    /no permission to list .*horizontalpodautoscalers\.autoscaling/,
  )
  assert.match(messageOf('disruption-budgets') ?? '', /no permission to list .*poddisruptionbudgets\.policy/)
  assert.match(messageOf('mtls') ?? '', /no permission to list .*peerauthentications\.security\.istio\.io/)
  assert.equal(messageOf('ports'), '80 http')
})
