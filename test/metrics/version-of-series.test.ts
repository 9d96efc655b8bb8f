import assert from 'node:assert/strict'
import test from 'node:test'
import { identitiesOf, ownerOf } from '../../shared/metrics/version-of-series.ts'
import { measuredService, versionRead } from './measured-service.ts'

const catalog = identitiesOf(measuredService('catalog'))
const workload = (name: string, namespace = 'shop') => ({
  destination_workload: name,
  destination_workload_namespace: namespace,
})

test('the version label decides, whatever the workload is called', () => {
  assert.deepEqual(ownerOf(catalog, { destination_version: 'v2', ...workload('catalog-v1') }), {
    version: 'v2',
  })
})

test('without a version label the canonical revision decides, then the workload', () => {
  for (const unknown of ['', 'unknown']) {
    const labels = { destination_version: unknown, ...workload('catalog-v1') }
    assert.deepEqual(ownerOf(catalog, { ...labels, destination_canonical_revision: 'v2' }), { version: 'v2' })
    assert.deepEqual(ownerOf(catalog, { ...labels, destination_canonical_revision: 'latest' }), {
      version: 'v1',
    })
  }
})

test('a workload of another namespace or of another name is no version', () => {
  const labels = { destination_version: 'unknown', destination_canonical_revision: 'latest' }
  assert.deepEqual(ownerOf(catalog, { ...labels, ...workload('catalog-v1', 'next') }), { why: 'other' })
  assert.deepEqual(ownerOf(catalog, { ...labels, ...workload('catalog-v1-old') }), { why: 'other' })
})

test('a request that reached no pod is of no version, although its revision is latest', () => {
  const bare = identitiesOf(measuredService('catalog', [versionRead('catalog', 'v1', { app: 'catalog' })]))
  const labels = { destination_version: 'unknown', destination_canonical_revision: 'latest' }
  assert.deepEqual(ownerOf(bare, { ...labels, ...workload('unknown', 'unknown') }), { why: 'none' })
  assert.deepEqual(ownerOf(bare, { ...labels, ...workload('catalog-v1') }), { version: 'v1' })
})

test('versions of one version label are told apart by their workloads', () => {
  const tracks = identitiesOf(
    measuredService(
      'catalog',
      ['stable', 'canary'].map(track =>
        versionRead('catalog', track, { app: 'catalog', version: 'v1', track }),
      ),
    ),
  )
  const labels = { destination_version: 'v1', destination_canonical_revision: 'v1' }
  assert.deepEqual(ownerOf(tracks, { ...labels, ...workload('catalog-canary') }), { version: 'canary' })
  assert.deepEqual(ownerOf(tracks, { ...labels, ...workload('catalog-other') }), { why: 'ambiguous' })
})

test('the two parts of a Rollout cannot be told apart', () => {
  const part = (name: string) => ({
    ...versionRead('catalog', name, { app: 'catalog' }),
    workloads: [{ kind: 'Rollout', name: 'catalog', ready: 1, wanted: 1, labels: { app: 'catalog' } }],
  })
  const parts = identitiesOf(measuredService('catalog', [part('stable'), part('canary')]))
  assert.deepEqual(ownerOf(parts, { destination_version: 'unknown', ...workload('catalog') }), {
    why: 'ambiguous',
  })
})

test('where versions are Services, the Service decides, also where no pod was reached', () => {
  const services = identitiesOf(
    measuredService(
      'catalog',
      ['v1', 'v2'].map(name => ({
        ...versionRead('catalog', name, { app: 'catalog' }),
        service: { name: `catalog-${name}`, namespace: 'next' },
      })),
    ),
  )
  const labels = { destination_version: 'unknown', ...workload('unknown') }
  const destination_service = 'catalog-v2.next.svc.cluster.local'
  assert.deepEqual(ownerOf(services, { ...labels, destination_service }), { version: 'v2' })
})

test('a version without a workload is known by its subset', () => {
  const [, v2] = identitiesOf(
    measuredService('catalog', [
      versionRead('catalog', 'v1'),
      { name: 'next', subset: { name: 'next', labels: { version: 'v2' } }, workloads: [] },
    ]),
  )
  assert.deepEqual([...v2!.versions], ['v2'])
})
