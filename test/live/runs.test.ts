import assert from 'node:assert/strict'
import { test } from 'node:test'
import { leaseName, leaseOf, leasePatch, runIn } from '../../shared/live/runs/lease-object.ts'
import { openRuns } from '../../shared/live/runs/open-runs.ts'
import type { Connection } from '../../shared/live/connection/connection.ts'

const of = { service: 'catalog', namespace: 'shop' }
const times = { now: new Date('2026-01-01T00:00:00.123Z'), owner: undefined }

/** A cluster that has one Lease of the name, and refuses another one. */
const clusterWith = (lease: object): Connection =>
  ({
    request: async ({ method }: { readonly method?: string }) =>
      method === 'POST' ? { status: 409, json: () => ({}) } : { status: 200, json: () => lease },
    refusal: () => new Error('refused'),
  }) as unknown as Connection

test('a Lease of somebody else with the name of ours is told as such, with the command that removes it', async () => {
  const runs = openRuns(
    clusterWith({ metadata: { name: leaseName('catalog'), namespace: 'shop' }, spec: {} }),
  )
  assert.equal(await runs.get(of), undefined)
  await assert.rejects(runs.create(of, { text: '{}', holder: 'a' }, undefined), {
    code: 'refused',
    message: 'Lease shop/kubectl-canary.catalog does not hold a run of kubectl canary',
    hints: ['If nothing else uses it: kubectl delete lease kubectl-canary.catalog -n shop'],
  })
})

test('a run that another process began meanwhile is a conflict', async () => {
  const runs = openRuns(clusterWith(leaseOf(of, { text: '{}', holder: 'b' }, times)))
  await assert.rejects(runs.create(of, { text: '{}', holder: 'a' }, undefined), { code: 'conflict' })
})

test('a run is read as it was written, small or large', () => {
  for (const text of ['{}', `{"a":"${'é"\\'.repeat(40_000)}"}`]) {
    const lease = leaseOf(of, { text, holder: 'a' }, times)
    assert.ok(JSON.stringify(lease).length < 262_144)
    const run = runIn(lease)
    assert.deepEqual([run?.text, run?.holder, run?.renewed], [text, 'a', '2026-01-01T00:00:00.123000Z'])
  }
})

test('a run knows the Service that it belongs to, where there is one', () => {
  const reference = { apiVersion: 'v1', kind: 'Service', name: 'catalog', uid: 'u', controller: true }
  const ownerOf = (owner: typeof reference | undefined) =>
    runIn(leaseOf(of, { text: '{}' }, { now: times.now, owner }))?.owner
  assert.deepEqual(ownerOf(reference), { name: 'catalog', uid: 'u' })
  assert.equal(ownerOf({ ...reference, kind: 'ServiceEntry' }), undefined)
  assert.equal(ownerOf(undefined), undefined)
})

test('an order of another process is no sign of life of the one that works on the run', () => {
  const { spec } = leasePatch(
    { text: '{}', holder: 'a', renewed: '2026-01-01T00:00:00.000000Z' },
    new Date('2026-01-02T00:00:00Z'),
  )
  assert.equal(spec.renewTime, '2026-01-01T00:00:00.000000Z')
})

test('what is compressed and broken is a run with no text, and a Lease without annotations is none', () => {
  const lease = leaseOf(of, { text: '{}' }, times) as { metadata: { annotations: Record<string, string> } }
  lease.metadata.annotations['kubectl-canary/run'] = 'gzip:no'
  assert.equal(runIn(lease)?.text, '')
  for (const other of [undefined, null, [], {}, { metadata: null }]) assert.equal(runIn(other), undefined)
})
