import assert from 'node:assert/strict'
import test from 'node:test'
import type { KubeObject, Labels } from '../../../shared/objects/kube-object.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import {
  changesOfPods,
  labelsOfNext,
  labelsToStay,
  variantsOfPods,
} from '../../../shared/workloads/pods/made-pods.ts'
import { selectorOfReleased } from '../../../shared/workloads/pods/kept-pods.ts'
import { deployment, namespace } from '../../plan/worlds.ts'

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

const setOf = (kind: string, labels: Labels, more: object = {}): KubeObject =>
  ({
    apiVersion: 'apps/v1',
    kind,
    metadata: { name: 'db', namespace },
    spec: { selector: { matchLabels: { app: 'a' } }, template: { metadata: { labels } }, ...more },
  }) as KubeObject
const ofSet = (
  kind: string,
  { name, labels, hash }: { name: string; labels: Labels; hash: string },
): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name,
    namespace,
    labels: { ...labels, 'controller-revision-hash': hash },
    ownerReferences: [{ apiVersion: 'apps/v1', kind, name: 'db', controller: true }],
  },
})
const revisionOf = (kind: string, labels: Labels): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'ControllerRevision',
  metadata: {
    name: 'db-1a',
    namespace,
    labels,
    ownerReferences: [{ apiVersion: 'apps/v1', kind, name: 'db', controller: true }],
  },
})

for (const [kind, hash] of [
  ['StatefulSet', 'db-1a'],
  ['DaemonSet', '1a'],
] as const) {
  const pod = ofSet(kind, { name: 'db-0', labels: { app: 'a', version: 'v2', added: 'x' }, hash })
  const given = revisionOf(kind, { app: 'a', version: 'v2' })
  test(`what follows a pod of an earlier template of a ${kind} has the labels of the next, and those added`, () => {
    const next = labelsOfNext(snapshot([setOf(kind, { app: 'a' }), pod, given]), pod)
    assert.deepEqual(next, { app: 'a', added: 'x', 'controller-revision-hash': hash })
  })
  test(`a pod of a ${kind} counts by its own labels where its ControllerRevision is not read`, () =>
    assert.equal(labelsOfNext(snapshot([setOf(kind, { app: 'a' }), pod]), pod)?.['version'], 'v2'))
  test(`nothing follows a pod whose ${kind} is deleted`, () =>
    assert.equal(labelsOfNext(snapshot([pod, given]), pod), undefined))
}

test('a pod below the partition of a StatefulSet stays as it is, and one above is replaced', () => {
  const labels = { app: 'a', version: 'v2' }
  const pods = ['db-3', 'db-4'].map(name => ofSet('StatefulSet', { name, labels, hash: 'db-1a' }))
  const strategy = { updateStrategy: { rollingUpdate: { partition: 1 } }, ordinals: { start: 3 } }
  const view = snapshot([
    setOf('StatefulSet', { app: 'a' }, strategy),
    ...pods,
    revisionOf('StatefulSet', labels),
  ])
  assert.deepEqual(
    pods.map(pod => labelsToStay(view, pod)?.['version']),
    ['v2', undefined],
  )
})

const [old, next] = [
  { app: 'a', version: 'v2' },
  { app: 'a', version: 'v3' },
]
const onePod = (kind: string, name = 'db-0'): KubeObject => ofSet(kind, { name, labels: old, hash: 'db-1a' })
/** The versions of the pods of a workload, whose pod has an earlier template. */
const versionsOf = (object: KubeObject, pod: KubeObject): readonly (string | undefined)[] =>
  variantsOfPods(snapshot([object, pod]), object).map(({ labels }) => labels['version'])

for (const [what, kind, more, versions] of [
  ['a StatefulSet without a partition', 'StatefulSet', {}, ['v3']],
  [
    'a StatefulSet with a partition below its replicas',
    'StatefulSet',
    { replicas: 2, updateStrategy: { rollingUpdate: { partition: 1 } } },
    ['v3', 'v2'],
  ],
  [
    'a StatefulSet whose partition keeps all',
    'StatefulSet',
    { replicas: 2, updateStrategy: { rollingUpdate: { partition: 2 } } },
    ['v2'],
  ],
  ['a StatefulSet with OnDelete', 'StatefulSet', { updateStrategy: { type: 'OnDelete' } }, ['v2']],
  ['a DaemonSet with OnDelete', 'DaemonSet', { updateStrategy: { type: 'OnDelete' } }, ['v2']],
  ['a DaemonSet without', 'DaemonSet', { updateStrategy: { type: 'RollingUpdate' } }, ['v3']],
  [
    'a CloneSet with a partition',
    'CloneSet',
    { replicas: 5, updateStrategy: { partition: '20%' } },
    ['v3', 'v2'],
  ],
  [
    'a CloneSet whose partition keeps all',
    'CloneSet',
    { replicas: 2, updateStrategy: { partition: 2 } },
    ['v2'],
  ],
  ['a CloneSet that is paused', 'CloneSet', { updateStrategy: { paused: true } }, ['v2']],
  ['a CloneSet of OpenKruise without a partition', 'CloneSet', {}, ['v3']],
] as const) {
  const apiVersion = kind === 'CloneSet' ? 'apps.kruise.io/v1alpha1' : 'apps/v1'
  const pod = onePod(kind)
  const owners = [{ apiVersion, kind, name: 'db', controller: true }]
  test(`${what} has pods of version ${versions.join(' and ')} by its template v3`, () =>
    assert.deepEqual(
      versionsOf(
        { ...setOf(kind, next, more), apiVersion },
        { ...pod, metadata: { ...pod.metadata, ownerReferences: owners } },
      ),
      versions,
    ))
}

test('a Deployment that is paused has the pods that run, and its template makes none', () => {
  const pod = madePod('catalog', old)
  const object = deployment('catalog', next)
  const paused = {
    ...object,
    spec: { ...(Reflect.get(object, 'spec') as object), paused: true },
  } as KubeObject
  assert.deepEqual(versionsOf(paused, pod), ['v2'])
  assert.deepEqual(versionsOf(paused, madePod('catalog-v2', old)), ['v3'])
  assert.deepEqual(versionsOf(object, pod), ['v3'])
  assert.equal(selectorOfReleased({ before: paused, after: object }) === undefined, false)
  assert.equal(selectorOfReleased({ before: object, after: paused }), undefined)
  assert.deepEqual(changesOfPods(snapshot([paused, pod]), [{ before: object, after: paused }]), [])
})

test('a partition that is lowered releases pods, and one that is raised does not', () => {
  const [low, high] = [1, 2].map(partition =>
    setOf('StatefulSet', old, { updateStrategy: { rollingUpdate: { partition } } }),
  ) as [KubeObject, KubeObject]
  assert.deepEqual(selectorOfReleased({ before: high, after: low }), { app: 'a' })
  assert.equal(selectorOfReleased({ before: low, after: high }), undefined)
})
