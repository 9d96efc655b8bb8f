import assert from 'node:assert/strict'
import test from 'node:test'
import type { KubeObject, Labels } from '../../shared/objects/kube-object.ts'
import { snapshot } from '../../shared/view/snapshot.ts'
import { changesOfPods } from '../../shared/workloads/made-pods.ts'
import { deployment, namespace } from '../plan/worlds.ts'

const madePod = (workload: string, labels: Labels): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: `${workload}-5d8f-x`,
    namespace,
    labels: { ...labels, 'pod-template-hash': '5d8f' },
    ownerReferences: [
      { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: `${workload}-5d8f`, controller: true },
    ],
  },
})

const labelsAfter = (before: Labels, pod: Labels, after: Labels): Labels | undefined => {
  const made = madePod('catalog', { ...before, ...pod })
  const view = snapshot([deployment('catalog', before), made, madePod('catalog-v2', before)])
  const changes = changesOfPods(view, [
    { before: deployment('catalog', before), after: deployment('catalog', after) },
  ])
  assert.deepEqual(
    changes.map(change => change.before),
    [made],
  )
  const { 'pod-template-hash': _, ...labels } = changes[0]!.after?.metadata.labels ?? {}
  return labels
}

test('a label that a template loses goes from its pods, and one that it gets comes', () =>
  assert.deepEqual(labelsAfter({ app: 'a', version: 'v1' }, {}, { app: 'a', team: 'shop' }), {
    app: 'a',
    team: 'shop',
  }))
test('a label that a template changes is changed on its pods', () =>
  assert.deepEqual(labelsAfter({ app: 'a', version: 'v1' }, {}, { app: 'a', version: 'v2' }), {
    app: 'a',
    version: 'v2',
  }))
test('a label that pods did not get from the template stays', () =>
  assert.deepEqual(labelsAfter({ app: 'a' }, { version: 'v1' }, { app: 'a', team: 'shop' }), {
    app: 'a',
    team: 'shop',
    version: 'v1',
  }))

test('the pods of a workload that is deleted go with it, and a new one has none yet', () => {
  const object = deployment('catalog', { app: 'a' })
  const pod = madePod('catalog', { app: 'a' })
  const view = snapshot([object, pod])
  assert.deepEqual(changesOfPods(view, [{ before: object }]), [{ before: pod }])
  assert.deepEqual(changesOfPods(view, [{ after: object }]), [{ before: pod }])
})
