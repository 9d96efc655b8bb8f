import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { clusterTests } from '../../cluster/cluster-test.ts'
import type { Ended } from '../run-command.ts'
import { fastClock } from './fast-clock.ts'
import { eventsOf, rehearsed, runEventsIn } from './rehearsal.ts'

const real = clusterTests()

real('a run whose checks pass goes through all steps and promotes the version', async cluster => {
  await rehearsed(
    cluster,
    { plan: { hooks: ['JUDGE/hook'] } },
    async ({ run, shares, judge, folder, world }) => {
      const report = join(folder, 'report.md')
      const ended = await run(`run catalog v2 PLAN -o json --report ${report}`)
      assert.equal(ended.code, 0, ended.stderr)
      assert.deepEqual(
        eventsOf(ended).map(({ event, status }) => `${String(event)} ${String(status)}`),
        [
          'started running',
          'stage running',
          'check running',
          'stage running',
          'check running',
          'ended promoted',
        ],
      )
      assert.equal(await shares(), 'everyone → v2')
      const moments = judge.received.filter(({ path }) => path === '/hook').map(({ body }) => body['phase'])
      assert.deepEqual(moments, ['Progressing', 'Progressing', 'Succeeded', 'Succeeded'])
      const first = judge.received.find(({ path }) => path === '/hook')
      const { eventMessage } = first!.body['metadata'] as { readonly eventMessage: string }
      assert.equal(eventMessage, 'catalog: v2 10 %, step 1 of 2')
      assert.deepEqual(
        judge.received
          .filter(({ path }) => path === '/judge')
          .map(({ body }) => [body['name'], (body['metadata'] as { readonly percent: string }).percent]),
        [
          ['catalog', '10'],
          ['catalog', '50'],
        ],
      )
      const text = await readFile(report, 'utf8')
      assert.match(text, /was promoted/)
      assert.match(text, /\| 2 \| 50 % \|/)
      const { stdout } = await world.does('history catalog')
      assert.equal(stdout.match(/step \d of 2 of run/g)?.length, 2)
      assert.deepEqual(await runEventsIn(cluster, world.namespace), [
        'Normal CanaryRunStarted: catalog: v2 10 %, step 1 of 2',
        'Normal CanaryRunStep: catalog: v2 50 %, step 2 of 2',
        'Normal CanaryRunPromoted: catalog: v2 was promoted',
      ])
    },
  )
})

real('a run whose checks fail sends everything back to stable, and exits with 5', async cluster => {
  await rehearsed(
    cluster,
    { statusOf: (_, before) => (before === 0 ? 200 : 500) },
    async ({ run, shares, world }) => {
      const ended = await run('run catalog v2 PLAN -o json')
      assert.equal(ended.code, 5, ended.stderr)
      const events = eventsOf(ended)
      assert.equal(events.at(-1)!['status'], 'failed')
      assert.match(String(events.at(-1)!['why']), /smoke/)
      assert.equal(events.filter(({ event }) => event === 'check').length, 4)
      assert.equal(
        (await runEventsIn(cluster, world.namespace)).at(-1),
        'Warning CanaryRunRolledBack: catalog: v2 failed and was rolled back: smoke failed',
      )
      assert.equal(await shares(), 'everyone → v1')
    },
  )
})

real(
  'an edit by hand stops the run, which leaves the routes as they are and says whose edit it was',
  async cluster => {
    await rehearsed(cluster, {}, async ({ run, shares, world }) => {
      let isEdited = false
      const ended = await run(
        'run catalog v2 PLAN',
        fastClock(async seconds => {
          if (isEdited || seconds < 10) return
          isEdited = true
          const { stderr } = await world.does('weight catalog v2=33')
          assert.match(stderr, /this edit stops it/)
        }),
      )
      assert.equal(ended.code, 1)
      assert.match(ended.stdout, /weight catalog v2=33/)
      assert.equal(await shares(), 'everyone → v1 67 %, v2 33 %')
      for (const order of ['run catalog --resume', 'pause catalog', 'resume catalog'])
        assert.match(
          (await run(order)).stderr,
          /is over: .*\n {2}To begin another one: kubectl canary run catalog/,
        )
      assert.match(
        (await runEventsIn(cluster, world.namespace)).at(-1)!,
        /^Warning CanaryRunStopped: .*v2=33/,
      )
    })
  },
)

for (const [order, code, shares, ending] of [
  ['abort catalog', 1, 'everyone → v1', 'was aborted'],
  ['promote catalog v2', 0, 'everyone → v2', 'was promoted'],
] as const)
  real(`${order.split(' ')[0]} from another terminal ends a run as such`, async cluster => {
    await rehearsed(cluster, {}, async ({ run, shares: now, world }) => {
      let isOrdered = false
      const ended = await run(
        'run catalog v2 PLAN',
        fastClock(async seconds => {
          if (isOrdered || seconds < 10) return
          isOrdered = true
          await world.does(order)
        }),
      )
      assert.equal(ended.code, code, ended.stdout + ended.stderr)
      assert.match(ended.stdout, new RegExp(ending))
      assert.equal(await now(), shares)
      const told = code === 0 ? /^Normal CanaryRunPromoted/ : /^Warning CanaryRunAborted/
      const events = await runEventsIn(cluster, world.namespace)
      assert.equal(events.filter(event => told.test(event)).length, 1, events.join('\n'))
      const waited = await run(`wait catalog --for ${code === 0 ? 'promoted' : 'failed'}`)
      assert.equal(waited.code, code === 0 ? 0 : 1)
    })
  })

real('a paused run checks nothing and goes on when it is resumed', async cluster => {
  await rehearsed(cluster, {}, async ({ run, world, judge }) => {
    const order: Record<number, string> = { 10: 'pause catalog --reason logs', 600: 'resume catalog' }
    const asked: number[] = []
    const ended = await run(
      'run catalog v2 PLAN',
      fastClock(async seconds => {
        const due = Object.keys(order).find(key => seconds >= Number(key))
        if (due === undefined) return
        asked.push(judge.received.length)
        const line = order[Number(due)]!
        delete order[Number(due)]
        if (line.startsWith('resume')) {
          assert.equal((await run('wait catalog --for paused')).code, 0)
          assert.match((await world.does('list')).stdout, /v2 1\/2 paused/)
          assert.match((await world.does('status catalog')).stdout, /paused by \S+ \(logs\)/)
        }
        await world.does(line)
      }),
    )
    assert.equal(ended.code, 0, ended.stderr)
    assert.deepEqual(asked, [0, 0])
    assert.match(ended.stdout, /paused by \S+ \(logs\)/)
  })
})

real('a freeze and a closed gate hold a run at its step, where it goes on to judge', async cluster => {
  const gate = (path: string, before: number): number => (path === '/gate' && before < 3 ? 503 : 200)
  await rehearsed(
    cluster,
    { statusOf: gate, plan: { gates: ['JUDGE/gate'] } },
    async ({ run, world, judge }) => {
      const ended = await run('run catalog v2 PLAN -o json')
      assert.equal(ended.code, 0, ended.stderr)
      assert.match(ended.stdout, /"event":"held".*gate/)
      assert.ok(judge.received.filter(({ path }) => path === '/judge').length >= 2)
      const until = new Date(Date.now() + 86_400_000).toISOString()
      await cluster.kubectl([
        'annotate',
        'service',
        'catalog',
        '-n',
        world.namespace,
        `kubectl-canary/freeze=2020-01-01/${until} audit`,
      ])
      for (const line of ['weight catalog v1=10', 'cohort internal catalog --to v1', 'run catalog v1 PLAN']) {
        const refused = await run(line)
        assert.equal(refused.code, 3, line)
        assert.match(refused.stderr, /audit/)
        assert.match(refused.stderr, /--force/)
      }
      await world.does('weight catalog v1=10 --force')
      await world.does('abort catalog')
    },
  )
})

real(
  'a second run of a service is refused while the first one is not over, with what to do',
  async cluster => {
    await rehearsed(cluster, {}, async ({ run }) => {
      let second: Ended | undefined
      const first = await run(
        'run catalog v2 PLAN',
        fastClock(async seconds => {
          if (seconds >= 10) second ??= await run('run catalog v2 PLAN')
        }),
      )
      assert.equal(first.code, 0, first.stderr)
      assert.equal(second?.code, 1)
      assert.match(second.stderr, /in progress/)
      assert.match(second.stderr, /--resume/)
    })
  },
)

real('a run that waits for a person exits with 4 off a terminal, and promote ends it', async cluster => {
  await rehearsed(cluster, { plan: { promote: 'confirm' } }, async ({ run, shares, world }) => {
    const ended = await run('run catalog v2 PLAN')
    assert.equal(ended.code, 4, ended.stderr)
    assert.equal(await shares(), 'everyone → v1 50 %, v2 50 %')
    const [command] = /kubectl canary (promote .*)$/m.exec(ended.stderr)!.slice(1)
    await world.does(command!.replace(/ -n \S+/, ''))
    assert.equal((await run('wait catalog')).code, 0)
    assert.equal(await shares(), 'everyone → v2')
  })
})

real('copies first, a cohort and blue/green leave nothing behind when they end', async cluster => {
  for (const plan of [
    { steps: [20], mirror: '25%' },
    { steps: undefined, cohort: { header: ['x-beta=1'] }, iterations: 2 },
    { steps: undefined, atOnce: true, iterations: 2 },
  ])
    for (const passes of [true, false])
      await rehearsed(
        cluster,
        { statusOf: () => (passes ? 200 : 500), plan },
        async ({ run, shares, world }) => {
          const ended = await run('run catalog v2 PLAN')
          assert.equal(ended.code, passes ? 0 : 5, ended.stdout + ended.stderr)
          assert.equal(await shares(), passes ? 'everyone → v2' : 'everyone → v1')
          const left = JSON.stringify(await world.state())
          assert.ok(!/mirror|x-beta|kubectl-canary\//.test(left), left)
        },
      )
})
