import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { RunKeeper } from '../../../../plugin/run/keeper.ts'
import { portsOf, type LiveRun } from '../../../../plugin/run/ports-of.ts'
import type { RolloutRecord } from '../../../../shared/rollout/rollout-record.ts'
import type { RolloutPlan } from '../../../../shared/rollout/rollout-plan.ts'
import type { RolloutNews } from '../../../../shared/rollout/rollout-news.ts'
import type { RolloutStatus } from '../../../../shared/rollout/rollout-state.ts'
import type { RunAnnouncement } from '../../../../shared/view/runs/run-store.ts'
import { storeOf } from '../../shop.ts'
import { judgeServer, type JudgeServer } from '../judge-server.ts'
import { begun } from '../scripted-run.ts'

const at = new Date(begun.started)

/** A run whose gates and hooks a server of the test answers, and what was announced and noted. */
function runOn({ confirmStep }: Partial<LiveRun> = {}) {
  const announced: RunAnnouncement[] = []
  const notes: string[] = []
  const store = storeOf('catalog')
  const run = {
    world: {
      store,
      writing: { dryRun: 'none', historyLimit: 10 },
      now: () => at,
      report: () => undefined,
    },
    instruments: { env: { KEY: 'secret' }, signal: new AbortController().signal, now: () => at },
    keeper: { announce: async (news: RunAnnouncement) => void announced.push(news) } as Partial<RunKeeper>,
    wait: async () => undefined,
    report: (news: RolloutNews) => void (news.kind === 'note' && notes.push(news.text)),
    wordsOf: (moment: string) => `the ${moment}`,
    confirmStep,
  } as unknown as LiveRun
  return { store, ports: portsOf(run), announced, notes }
}

const planned = (plan: Partial<RolloutPlan>): RolloutRecord => ({
  ...begun,
  plan: { ...begun.plan, ...plan },
})
const ended = (status: RolloutStatus, why?: string): RolloutRecord => ({
  ...begun,
  state: { ...begun.state, status, ...(why !== undefined && { why }) },
})

async function judged(statusOf: (path: string) => number, use: (judge: JudgeServer) => Promise<void>) {
  const judge = await judgeServer(statusOf)
  try {
    await use(judge)
  } finally {
    judge.close()
  }
}

describe('what stands against a step', () => {
  test('is the first gate that is closed, by its URL without what its variables hold', async () => {
    await judged(
      path => (path === '/closed/secret' ? 503 : 200),
      async ({ url, received }) => {
        const gates = [`${url}/open`, `${url}/closed/\${KEY}`, `${url}/never`]
        const { ports } = runOn({ confirmStep: async () => 'not asked' })
        const why = await ports.hold(planned({ gates }))
        assert.ok(why?.startsWith(`the gate ${url}/closed/\${KEY} is closed: 503`), why)
        assert.deepEqual(
          received.map(({ path }) => path),
          ['/open', '/closed/secret'],
        )
      },
    )
  })

  test('is a freeze before any gate is asked', async () => {
    await judged(
      () => 503,
      async ({ url, received }) => {
        const { store, ports } = runOn()
        const annotations = { 'kubectl-canary/freeze': 'until 2100-01-01T00:00:00Z' }
        store.objects = store.objects.map(object => ({
          ...object,
          metadata: { ...object.metadata, annotations },
        }))
        assert.match((await ports.hold(planned({ gates: [url] })))!, /frozen|freeze/)
        assert.deepEqual(received, [])
      },
    )
  })

  test('is a person who says no after all gates are open, and nothing where nobody is asked', async () => {
    const { ports } = runOn({ confirmStep: async () => 'a person refused' })
    assert.equal(await ports.hold(begun), 'a person refused')
    assert.equal(await runOn().ports.hold(begun), undefined)
  })
})

describe('news of a run', () => {
  test('goes to the hooks that want the moment, and one that fails is noted and stops nothing', async () => {
    await judged(
      path => (path === '/broken' ? 500 : 200),
      async ({ url, received }) => {
        const { ports, notes, announced } = runOn()
        const hooks = [
          { url: `${url}/\${KEY}` },
          { url: `${url}/ends`, on: ['end'] as const },
          { url: `${url}/steps`, on: ['start', 'step'] as const },
          { url: `${url}/broken` },
          { url: 'http://127.0.0.1:1/gone' },
        ]
        await ports.hook(planned({ hooks }), 'step')
        assert.deepEqual(received.map(({ path }) => path).toSorted(), ['/broken', '/secret', '/steps'])
        assert.equal(notes.length, 2)
        assert.ok(notes.some(note => note.startsWith(`the hook ${url}/broken failed: 500`)))
        assert.equal(announced.length, 1)
      },
    )
  })

  test('is announced as an Event with its reason and the run, good or not', async () => {
    const moments = [
      ['start', begun, 'CanaryRunStarted', true],
      ['step', begun, 'CanaryRunStep', true],
      ['promotion', ended('promoted'), 'CanaryRunPromoted', true],
      ['rollback', ended('failed', 'smoke failed'), 'CanaryRunRolledBack', false],
      ['end', ended('aborted'), 'CanaryRunAborted', false],
      ['end', ended('stopped', 'joe changed the routes'), 'CanaryRunStopped', false],
      ['end', ended('promoted', 'joe changed the routes'), 'CanaryRunPromoted', true],
    ] as const
    for (const [moment, record, reason, isGood] of moments) {
      const { ports, announced } = runOn()
      await ports.hook(record, moment)
      assert.deepEqual(announced, [{ reason, isGood, at, message: `the ${moment} (run 1f2e3d4c)` }])
    }
  })

  test('of an end that was announced as promotion or rollback already is not announced again', async () => {
    for (const status of ['promoted', 'failed', 'no-data', 'timed-out'] as const) {
      const { ports, announced } = runOn()
      await ports.hook(ended(status), 'end')
      assert.deepEqual(announced, [], status)
    }
  })
})
