import assert from 'node:assert/strict'
import test from 'node:test'
import { cohortsOn } from '../../shared/routing/record/recorded-cohorts.ts'
import { cohortsAnnotation } from '../../shared/routing/record/record.ts'

const service = { name: 'web', namespace: 'shop', clusterDomain: 'cluster.local' }
const cohort = (name: string, to: string, since?: string) => ({
  service: 'web.shop',
  name,
  to,
  routes: [`canary-web-${name}-1`],
  ...(since !== undefined && { since }),
})
const carrying = (...cohorts: readonly object[]) => ({
  apiVersion: 'networking.istio.io/v1',
  kind: 'VirtualService',
  metadata: {
    name: 'web',
    namespace: 'shop',
    annotations: { [cohortsAnnotation]: JSON.stringify({ cohorts }) },
  },
})
const read = (...objects: readonly ReturnType<typeof carrying>[]) =>
  cohortsOn(objects, service).map(({ name, to }) => `${name} ${to}`)

test('of several records of a cohort the one that was set last counts, wherever it is', () => {
  const [old, late] = ['2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z']
  const [first, second] = [carrying(cohort('qa', 'v2', old)), carrying(cohort('qa', 'v3', late))]
  assert.deepEqual(read(first, second), ['qa v3'])
  assert.deepEqual(read(second, first), ['qa v3'])
  assert.deepEqual(read(carrying(cohort('qa', 'v4')), first), ['qa v2'])
})

test('a cohort has the place of its first record', () => {
  const object = carrying(cohort('qa', 'v2'), cohort('staff', 'v2'))
  assert.deepEqual(read(object, carrying(cohort('staff', 'v3'), cohort('beta', 'v3'), cohort('qa', 'v3'))), [
    'qa v2',
    'staff v2',
    'beta v3',
  ])
})
