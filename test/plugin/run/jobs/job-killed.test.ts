import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { openStore } from '../../../../plugin/open-store.ts'
import { clusterTests } from '../../../cluster/cluster-test.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import { catalogWorld, type CatalogWorld } from '../../history/catalog-world.ts'
import { Built } from '../../program/built.ts'
import { runCommand, words } from '../../run-command.ts'
import { fastClock } from '../fast-clock.ts'
import { endJobs, jobsIn, jobSpec, type FoundJob } from './ended-jobs.ts'

const governed = clusterTests({ controllerManager: true })
const built = await Built.make()
after(() => built.remove())

/** Begins a run, and kills its process while the Job of its first check runs. */
async function killed(cluster: Cluster, spec: object): Promise<{ world: CatalogWorld; job: FoundJob }> {
  const world = await catalogWorld(cluster)
  const folder = await mkdtemp(join(tmpdir(), 'canary-job-killed-'))
  const file = join(folder, 'plan.json')
  const metrics = [{ name: 'smoke', job: { spec } }]
  await writeFile(file, JSON.stringify({ steps: [50], interval: '1s', metrics }))
  const child = built.start('kubectl-canary', [
    ...words(`run catalog v2 -n ${world.namespace} --force --settle 0 --plan ${file}`),
    '--kubeconfig',
    cluster.kubeconfig,
  ])
  const closed = once(child, 'close')
  let job: FoundJob | undefined
  for (let looks = 0; looks < 300 && job === undefined && child.exitCode === null; looks++) {
    await sleep(100)
    job = (await jobsIn(cluster, world.namespace))[0]
  }
  child.kill('SIGKILL')
  await closed
  await rm(folder, { recursive: true, force: true })
  assert.ok(job, 'the run created a Job')
  return { world, job }
}

governed('the Job of a process that was killed ends and goes by itself', async cluster => {
  const { world } = await killed(cluster, {
    ...jobSpec,
    activeDeadlineSeconds: 1,
    ttlSecondsAfterFinished: 1,
  })
  let left = await jobsIn(cluster, world.namespace)
  for (let looks = 0; looks < 300 && left.length > 0; looks++) {
    await sleep(100)
    left = await jobsIn(cluster, world.namespace)
  }
  assert.deepEqual(left, [])
})

governed('a run that is resumed waits for the Job that its killed process created', async cluster => {
  const { world, job } = await killed(cluster, jobSpec)
  const seen: FoundJob[] = []
  const resumed = await runCommand(
    [...words('run catalog --resume'), '-n', world.namespace, '--kubeconfig', cluster.kubeconfig],
    {
      store: openStore,
      clock: fastClock(async seconds => {
        if (seconds > 30) seen.push(...(await endJobs(cluster, world.namespace, 'Complete')))
      }),
    },
  )
  assert.equal(resumed.code, 0, resumed.stdout + resumed.stderr)
  assert.deepEqual(
    seen.map(({ metadata }) => metadata.uid),
    [job.metadata.uid],
  )
})
