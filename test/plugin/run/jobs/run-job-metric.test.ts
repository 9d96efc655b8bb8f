import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openStore } from '../../../../plugin/open-store.ts'
import { clusterTests } from '../../../cluster/cluster-test.ts'
import { runCommand } from '../../run-command.ts'
import { fastClock } from '../fast-clock.ts'
import { rehearsed } from '../rehearsal.ts'
import { container, endJobs, jobsIn, jobSpec as spec, type FoundJob } from './ended-jobs.ts'

const real = clusterTests()

const planWith = (job: unknown) => ({ threshold: 1, metrics: [{ name: 'smoke', job }] })

real('a run whose Jobs complete promotes the version, and leaves no Job behind', async cluster => {
  await rehearsed(cluster, { plan: planWith({ spec }) }, async ({ run, shares, world: { namespace } }) => {
    const seen: FoundJob[] = []
    const ended = await run(
      'run catalog v2 PLAN',
      fastClock(async () => void seen.push(...(await endJobs(cluster, namespace, 'Complete')))),
    )
    assert.equal(ended.code, 0, ended.stdout + ended.stderr)
    assert.equal(await shares(), 'everyone → v2')
    assert.match(ended.stdout, /smoke: pass, Job \S+\/smoke-\S+-1-1$/m)
    assert.deepEqual(
      seen.map(({ metadata }) => metadata.name.replace(/^smoke-[0-9a-f]{8}/, 'smoke')),
      ['smoke-1-1', 'smoke-2-1'],
    )
    const { metadata, spec: made } = seen[0]!
    assert.deepEqual(
      [metadata.ownerReferences, metadata.labels?.['app.kubernetes.io/managed-by'], made.backoffLimit],
      [undefined, 'kubectl-canary', 1],
    )
    assert.deepEqual([made.ttlSecondsAfterFinished, made.activeDeadlineSeconds], [3600, 360])
    assert.deepEqual(made.template.spec.containers[0]!.args, ['--target=catalog-v2'])
    assert.deepEqual(await jobsIn(cluster, namespace), [])
  })
})

real('a run whose Job fails goes back to stable, and names the command that shows its log', async cluster => {
  await rehearsed(cluster, { plan: planWith({ spec }) }, async ({ run, shares, world: { namespace } }) => {
    const ended = await run(
      'run catalog v2 PLAN',
      fastClock(async () => void (await endJobs(cluster, namespace, 'Failed'))),
    )
    assert.equal(ended.code, 5, ended.stdout + ended.stderr)
    assert.equal(await shares(), 'everyone → v1')
    assert.match(ended.stdout, /BackoffLimitExceeded, Job has reached/)
    const [, name] = /its log: kubectl logs (job\/\S+) -n \S+/.exec(ended.stdout) ?? []
    const { code, stderr } = await cluster.kubectl(['get', name!, '-n', namespace])
    assert.equal(code, 0, stderr)
  })
})

real('abort from another terminal deletes the Job that runs', async cluster => {
  await rehearsed(cluster, { plan: planWith({ spec }) }, async ({ run, world }) => {
    let isAborted = false
    const ended = await run(
      'run catalog v2 PLAN',
      fastClock(async () => {
        if (isAborted || (await jobsIn(cluster, world.namespace)).length === 0) return
        isAborted = true
        await world.does('abort catalog')
      }),
    )
    assert.equal(ended.code, 1, ended.stdout + ended.stderr)
    assert.match(ended.stdout, /was aborted/)
    assert.doesNotMatch(ended.stdout, /check 1/)
    assert.deepEqual(await jobsIn(cluster, world.namespace), [])
  })
})

real(
  'a Job that runs beyond its timeout is no data, and the run goes back after its deadline',
  async cluster => {
    const plan = { ...planWith({ spec, timeout: '1m' }), dataDeadline: '2m' }
    await rehearsed(cluster, { plan }, async ({ run, world: { namespace } }) => {
      const ended = await run('run catalog v2 PLAN')
      assert.equal(ended.code, 6, ended.stdout + ended.stderr)
      assert.match(ended.stdout, /smoke: no data, .*has not ended within 60 s/)
      assert.deepEqual(await jobsIn(cluster, namespace), [])
    })
  },
)

real('a Job that the API server refuses is refused before anything is written', async cluster => {
  const file = (kind: string) => ({
    apiVersion: 'batch/v1',
    kind,
    metadata: { name: 'any', labels: { a: 'b' } },
    spec,
  })
  for (const [job, said, written] of [
    [{ spec: { template: { spec: { containers: [container] } } } }, /smoke would be refused.*restartPolicy/],
    [{ spec: { ...spec, backofLimit: 2 } }, /smoke would be refused.*backofLimit/],
    [{ spec, metadata: { namespace: 'elsewhere' } }, /is of namespace elsewhere/],
    [
      { spec: { template: { metadata: { labels: { app: 'catalog' } }, spec: spec.template.spec } } },
      /have the labels of catalog/,
    ],
    ['job.json', /no such file/],
    [{ file: 'job.json', spec }, /either a file, or metadata and spec/, file('Job')],
    ['job.json', /job\.json:1: kind must be/, file('CronJob')],
  ] as const)
    await rehearsed(
      cluster,
      { plan: planWith(job) },
      async ({ run, shares, folder, world: { namespace } }) => {
        if (written !== undefined) await writeFile(join(folder, 'job.json'), JSON.stringify(written))
        const ended = await run('run catalog v2 PLAN')
        assert.notEqual(ended.code, 0)
        assert.match(ended.stderr, said)
        assert.equal(ended.stdout, '')
        assert.equal(await shares(), 'everyone → v1')
        assert.equal((await run('wait catalog')).code, 1, 'no run is kept')
        assert.deepEqual(await jobsIn(cluster, namespace), [])
      },
    )
})

real('a Job in a file beside the plan is created, and a printed Job of the run holds it', async cluster => {
  await rehearsed(cluster, { plan: planWith('job.json') }, async ({ run, folder, world: { namespace } }) => {
    const labels = { team: 'shop' }
    const job = { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'any', labels }, spec }
    await writeFile(join(folder, 'job.json'), JSON.stringify(job))
    const seen: FoundJob[] = []
    const end = async () => void seen.push(...(await endJobs(cluster, namespace, 'Complete')))
    assert.equal((await run('run catalog v2 PLAN', fastClock(end))).code, 0)
    assert.equal(seen[0]?.metadata.labels?.['team'], 'shop')
    await run('abort catalog')
    const { stdout, code, stderr } = await runCommand(
      `run catalog v1 --plan ${join(folder, 'plan.json')} --as-job --image i:1 -o json -n ${namespace} --kubeconfig ${cluster.kubeconfig}`.split(
        ' ',
      ),
      { store: openStore },
    )
    assert.equal(code, 0, stderr)
    const { items } = JSON.parse(stdout) as {
      readonly items: readonly {
        readonly kind: string
        readonly data?: Readonly<Record<string, string>>
        readonly rules?: readonly unknown[]
      }[]
    }
    const config = items.find(({ kind }) => kind === 'ConfigMap')!
    const moved = join(folder, 'moved.yaml')
    await writeFile(moved, config.data!['plan.yaml']!.replace('job.json', 'gone.json'))
    const simulated = await run(
      `run catalog v1 --simulate good --plan ${moved} --metric request-success-rate`,
    )
    assert.equal(simulated.code, 0, simulated.stderr)
    assert.match(
      JSON.stringify(items.find(({ kind }) => kind === 'Role')),
      /"jobs"\],"verbs":\["create","get","delete"\]/,
    )
  })
})
