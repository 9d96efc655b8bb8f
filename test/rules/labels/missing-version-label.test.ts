import assert from 'node:assert/strict'
import test from 'node:test'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { catalogue } from '../../../shared/rules/catalogue.ts'
import { lintView } from '../../../shared/rules/introduced.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { deployment, destinationRule, inMesh, namespace, service } from '../../plan/worlds.ts'

const labelProposedFor = (name: string, others: readonly KubeObject[] = []): string | undefined => {
  const objects: readonly KubeObject[] = [
    service(),
    deployment('catalog', { app: 'catalog', version: 'v1' }),
    ...(others.some(({ metadata }) => metadata.name === name) ? [] : [deployment(name, { app: 'catalog' })]),
    ...others,
    destinationRule('v1', 'v2'),
    inMesh({
      route: ['v1', 'v2'].map(version => ({
        destination: { host: 'catalog', subset: `version-${version}` },
        weight: 50,
      })),
    }),
  ]
  const findings = lintView(
    { rules: catalogue, settings: { complete: true, relativeWeights: false } },
    snapshot(objects),
  )
  return findings.find(({ rule, ref }) => rule === 'missing-version-label' && ref.name === name)?.fix
}

test('proposes the version that the workload is named for', () =>
  assert.match(labelProposedFor('catalog-v2') ?? '', /"version":"v2"/))
test('proposes the version that no other workload has where the name says none', () =>
  assert.match(labelProposedFor('catalog-next') ?? '', /"version":"v2"/))

const running = deployment('catalog-v2', { app: 'catalog', version: 'v2' })
for (const [name, version] of [
  ['catalog-debug', 'debug'],
  ['catalog-canary-v3', 'v3'],
] as const) {
  test(`proposes ${version} for ${name} where other workloads have all versions, to take none of their requests`, () =>
    assert.ok(labelProposedFor(name, [running])?.includes(`"version":"${version}"`)))
}

test('proposes no version of the random letters that end a generated name', () => {
  const generated = deployment('catalog-f2w28', { app: 'catalog' })
  const named = { ...generated, metadata: { ...generated.metadata, generateName: 'catalog-' } }
  assert.match(labelProposedFor('catalog-f2w28', [running, named]) ?? '', /"version":"v1"/)
})

const podOf = (
  owner: { readonly kind: string; readonly name: string },
  labels: Readonly<Record<string, string>>,
): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: 'pod',
    namespace,
    labels: { app: 'catalog', ...labels },
    ownerReferences: [{ apiVersion: 'apps/v1', controller: true, ...owner }],
  },
})
const isFound = (pod: KubeObject, ...others: readonly KubeObject[]): boolean =>
  lintView(
    { rules: catalogue, settings: { complete: true, relativeWeights: false } },
    snapshot([
      service(),
      deployment('catalog', { app: 'catalog' }),
      pod,
      ...others,
      destinationRule('v1', 'v2'),
      inMesh({ route: [{ destination: { host: 'catalog', subset: 'version-v1' } }] }),
    ]),
  ).some(({ rule, ref }) => rule === 'missing-version-label' && ref.kind === 'Deployment')

test('a label that a pod of the workload got at admission counts, and that of another workload does not', () => {
  const labels = { version: 'v1', 'pod-template-hash': '5d8f' }
  assert.equal(isFound(podOf({ kind: 'ReplicaSet', name: 'catalog-5d8f' }, labels)), false)
  assert.equal(isFound(podOf({ kind: 'ReplicaSet', name: 'catalog-v2-5d8f' }, labels)), true)
  assert.equal(isFound(podOf({ kind: 'StatefulSet', name: 'catalog-v2' }, { version: 'v1' })), true)
  assert.equal(isFound(podOf({ kind: 'StatefulSet', name: 'catalog' }, { version: 'v1' })), true)
})

test('a label that a pod has of the earlier template of its ReplicaSet does not count, and one that was added to it does', () => {
  const labels = { version: 'v1', 'pod-template-hash': '5d8f' }
  const pod = podOf({ kind: 'ReplicaSet', name: 'catalog-5d8f' }, labels)
  const setWith = (own: Readonly<Record<string, string>>): KubeObject => {
    const made = deployment('catalog-5d8f', { app: 'catalog', ...own })
    const ownerReferences = [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'catalog', controller: true }]
    return { ...made, kind: 'ReplicaSet', metadata: { ...made.metadata, ownerReferences } }
  }
  assert.equal(isFound(pod, setWith({ version: 'v1' })), true)
  assert.equal(isFound(pod, setWith({})), false)
  assert.equal(isFound(pod, setWith({ version: 'unknown' })), false)
  const going = { ...pod, metadata: { ...pod.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } }
  assert.equal(isFound(going, setWith({})), true)
})
