import assert from 'node:assert/strict'
import { leaseName, leaseOf } from '../../../shared/live/runs/lease-object.ts'
import { formatRecord } from '../../../shared/rollout/rollout-record.ts'
import { clusterTests } from '../../cluster/cluster-test.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { catalogWorld } from '../history/catalog-world.ts'
import { statusInWords } from '../print/status-in-words.ts'
import { begun } from './scripted-run.ts'

const real = clusterTests()

/** What may stand in the Lease of a run: half a run, another one's text, and what a newer version wrote. */
const damaged: readonly (readonly [text: string, said: RegExp])[] = [
  ['', /there is no run|does not hold a run/],
  ['not a run', /does not hold a run/],
  ['gzip:bm90IGd6aXA=', /does not hold a run/],
  [formatRecord(begun).slice(0, 300), /does not hold a run/],
  [JSON.stringify({ ...begun, state: { ...begun.state, status: 'lost' } }), /does not hold a run/],
  [JSON.stringify({ ...begun, plan: { ...begun.plan, stages: [{}] } }), /does not hold a run/],
  [JSON.stringify({ ...begun, format: 2 }), /of a newer version/],
]

async function damagedWorld(cluster: Cluster, text: string) {
  const world = await catalogWorld(cluster)
  const { namespace } = world
  const of = { service: 'catalog', namespace }
  const leases = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`
  const body = leaseOf(of, { text }, { now: new Date(), owner: undefined })
  await cluster.expect(leases, { method: 'POST', body })
  return { ...world, remove: () => cluster.expect(`${leases}/${leaseName('catalog')}`, { method: 'DELETE' }) }
}

real(
  'a Lease that holds no run is told by each verb, with what to do, and never ends one with a fault',
  async cluster => {
    for (const [text, said] of damaged) {
      const world = await damagedWorld(cluster, text)
      for (const line of [
        'pause catalog',
        'resume catalog',
        'wait catalog --timeout 1s',
        'run catalog --resume',
        'pause',
        'wait --timeout 1s',
        'run catalog v2 --metric pod-failures',
        'run catalog v2 --metric pod-failures --continue key',
      ]) {
        const { code, stdout, stderr } = await world.canary(line)
        const about = `${line} on ${text.slice(0, 40)}: ${stdout}${stderr}`
        assert.equal(code === 1 || code === 3, true, about)
        assert.equal(stdout, '', about)
        assert.match(stderr, /^error: /m, about)
        assert.match(stderr, text === '' ? /run/ : said, about)
        assert.doesNotMatch(stderr, /unexpected|undefined|\n\s+at /, about)
      }
    }
  },
)

real('a Lease that holds no run hides nothing from status and list, and is a note there', async cluster => {
  for (const [text, said] of damaged.slice(1)) {
    const world = await damagedWorld(cluster, text)
    await world.canary('weight catalog v2=10')
    for (const line of ['status catalog', 'list', 'status catalog -o json']) {
      const { code, stdout, stderr } = await world.canary(line)
      assert.equal(code, 0, stderr)
      assert.match(stderr, said, line)
      assert.notEqual(stdout, '')
    }
    await world.remove()
    assert.equal((await world.canary('status catalog')).stderr.includes('Lease'), false)
  }
})

real(
  'abort, promote and weight do their edit beside a Lease that holds no run, and say so',
  async cluster => {
    for (const [text, said] of damaged.slice(1)) {
      const world = await damagedWorld(cluster, text)
      for (const line of ['weight catalog v2=10', 'abort catalog', 'promote catalog v2']) {
        const { code, stderr } = await world.canary(line)
        assert.equal(code, 0, stderr)
        assert.match(stderr, said, line)
      }
      assert.match(statusInWords((await world.does('status catalog')).stdout), /everyone → v2/)
    }
  },
)

real('the command that the error names removes the Lease, and a run can begin', async cluster => {
  const world = await damagedWorld(cluster, 'not a run')
  const { stderr } = await world.canary('run catalog v2 --metric pod-failures')
  const [, command] = /kubectl (delete lease \S+ -n \S+)$/m.exec(stderr) ?? []
  const removed = await cluster.kubectl(command!.split(' '))
  assert.equal(removed.code, 0, removed.stderr)
  assert.match((await world.canary('wait catalog -n ' + world.namespace)).stderr, /there is no run/)
})

real(
  'a verb without a Service means the run that can be read, whatever Leases stand beside it',
  async cluster => {
    const world = await damagedWorld(cluster, 'not a run')
    const of = { service: 'other', namespace: world.namespace }
    const body = leaseOf(
      of,
      { text: formatRecord({ ...begun, ...of }) },
      { now: new Date(), owner: undefined },
    )
    await cluster.expect(`/apis/coordination.k8s.io/v1/namespaces/${world.namespace}/leases`, {
      method: 'POST',
      body,
    })
    const { code, stdout, stderr } = await world.canary('pause')
    assert.deepEqual([code, stdout], [0, 'other: the run of v2 is paused at step 1 of 2\n'], stderr)
  },
)
