import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { paintOf } from '../../../plugin/print/colour.ts'
import { formatRunScreen } from '../../../plugin/print/run/run-screen.ts'
import { simulate } from '../../../plugin/run/simulate.ts'
import { rolloutPlanOf } from '../../../plugin/words/rollout/run-plan.ts'
import { parseSimulation } from '../../../plugin/words/rollout/simulated-traffic.ts'
import { syntheticService } from '../../../shared/analysis/synthetic/synthetic-service.ts'
import type { RolloutNews } from '../../../shared/rollout/rollout-news.ts'
import type { RolloutRecord } from '../../../shared/rollout/rollout-record.ts'
import { beginning } from '../../../shared/rollout/rollout-state.ts'
import { runCommand, words } from '../run-command.ts'

const scenario3 =
  'run catalog v2 --step 10 --max 50 --interval 45s --threshold 5 --metric request-success-rate:min=99:1m --metric request-duration:max=500:30s'

interface SimulatedEvent {
  readonly at: string
  readonly event: string
  readonly status: string
  readonly traffic?: { readonly percent: number }
  readonly check?: { readonly verdict: string }
}

async function played(line: string) {
  const { code, stdout, stderr } = await runCommand(words(`${line} -o json`))
  const events = stdout
    .split('\n')
    .filter(text => text !== '')
    .map(text => JSON.parse(text) as SimulatedEvent)
  const begin = Date.parse(events[0]?.at ?? '')
  const timed = events.map(one => ({ ...one, second: Math.round((Date.parse(one.at) - begin) / 1000) }))
  return { code, stderr, events: timed }
}

test('scenario 3: with 100 requests per second, five steps of 45 s each, then promotion', async () => {
  const { code, events } = await played(`${scenario3} --simulate rps=100`)
  assert.equal(code, 0)
  assert.deepEqual(
    events.map(({ second, event, traffic, check, status }) =>
      [second, event, event === 'stage' ? traffic?.percent : (check?.verdict ?? status)].join(' '),
    ),
    [
      '0 started running',
      ...[10, 20, 30, 40, 50].flatMap((percent, i) => [
        `${45 * i} stage ${percent}`,
        `${45 * (i + 1)} check pass`,
      ]),
      '225 ended promoted',
    ],
  )
})

for (const [traffic, code, status] of [
  ['errors=5', 5, 'failed'],
  ['slower=4', 5, 'failed'],
  ['rps=0', 6, 'no-data'],
  ['errors=5,stable-errors=5', 6, 'no-data'],
  ['errors=10,after=100', 5, 'failed'],
] as const)
  test(`--simulate ${traffic} ends as ${status}, and after five failed checks where it failed`, async () => {
    const { code: ended, events } = await played(`${scenario3} --simulate ${traffic}`)
    assert.equal(ended, code)
    assert.equal(events.at(-1)?.status, status)
    const failed = events.filter(({ check }) => check?.verdict === 'fail').length
    assert.equal(failed, status === 'failed' ? 5 : 0)
  })

test('the same seed plays the same run', async () => {
  const once = await played(`${scenario3} --simulate rps=10,errors=1,seed=7`)
  const again = await played(`${scenario3} --simulate rps=10,errors=1,seed=7`)
  assert.deepEqual(again.events, once.events)
})

test('--timeout ends a run that takes too long, with exit code 7', async () => {
  const { code, events } = await played('run catalog v2 --timeout 2m --interval 50s --simulate rps=100')
  assert.equal(code, 7)
  assert.equal(events.at(-1)?.status, 'timed-out')
})

/** Half an hour in minutes, with so many of 600 requests of v2 that fail from a minute on. */
const recorded = (failures: number, from = 0, more: object = {}): string =>
  Array.from({ length: 30 }, (_, i) =>
    ['v1', 'v2'].map(version =>
      JSON.stringify({
        time: 1_767_225_600 + 60 * i,
        version,
        requests: 600,
        failures: version === 'v2' && i >= from ? failures : 0,
        ...more,
      }),
    ),
  )
    .flat()
    .join('\n')

const play = async (text: string, more = '') => {
  const folder = await mkdtemp(join(tmpdir(), 'canary-recording-'))
  const file = join(folder, 'traffic.jsonl')
  await writeFile(file, text)
  const ended = await played(`run catalog v2 --interval 1m --simulate file=${file} ${more}`)
  await rm(folder, { recursive: true })
  return ended
}

describe('recorded traffic', () => {
  test('ends as the thresholds would have ended it, at the times of the recording', async () => {
    const good = await play(recorded(0))
    assert.deepEqual([good.code, good.events[0]?.at], [0, '2025-12-31T23:59:00.000Z'])
    assert.match(good.stderr, /not simulated: request-duration/)
    const bad = await play(recorded(60, 4))
    assert.equal(bad.code, 5)
    assert.equal(bad.events.find(({ check }) => check?.verdict === 'fail')?.at, '2026-01-01T00:04:00.000Z')
    assert.equal((await play(recorded(60, 4), '--metric request-success-rate:min=80:1m:no-baseline')).code, 0)
  })

  test('that ends before the run does is no data', async () => {
    const { code, events } = await play(recorded(0), '--interval 20m')
    assert.deepEqual([code, events.at(-1)?.status], [6, 'no-data'])
  })

  test('that does not fit is one error with the file, and the line or what it has', async () => {
    for (const [text, more, code, said] of [
      [`${recorded(0)}\n{`, '', 1, /traffic\.jsonl:61: it is not JSON/],
      [recorded(0), '--stable v3', 2, /has no requests of v3\n.*v1, v2/],
      [recorded(0).replaceAll('v2', 'v3'), '', 2, /has no requests of v2/],
      [recorded(0).replaceAll('v1', 'v2'), '', 1, /traffic\.jsonl:2: requests of the same/],
      [`${recorded(0)}\n{"time": 0, "version": "v0"}`, '', 2, /which version of .* is stable\n.*--stable v0/],
      [recorded(0), '--metric request-duration', 2, /no metric of the plan can be simulated/],
    ] as const) {
      const ended = await play(text, more)
      assert.deepEqual([ended.code, ended.events], [code, []], ended.stderr)
      assert.match(ended.stderr, said)
      assert.equal(ended.stderr.match(/^error: /gm)?.length, 1)
    }
    for (const [file, code] of [
      ['', 2],
      ['/no/such', 1],
    ] as const)
      assert.equal((await played(`run catalog v2 --simulate file=${file}`)).code, code)
  })
})

test('what cannot be simulated is said, and refused where nothing else is judged', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'canary-plan-'))
  const file = join(folder, 'plan.yaml')
  await writeFile(file, 'metrics: [request-success-rate:min=99, { name: smoke, webhook: http://localhost/ }]')
  const some = await runCommand(words(`run catalog v2 --plan ${file} --simulate good`))
  assert.equal(some.code, 0)
  assert.match(some.stderr, /not simulated: smoke/)
  await writeFile(file, 'metrics: [pod-failures]')
  const none = await runCommand(words(`run catalog v2 --plan ${file} --simulate good`))
  await rm(folder, { recursive: true })
  assert.equal(none.code, 2)
  assert.match(none.stderr, /pod-failures/)
})

for (const text of ['rps', 'rps=-1', 'error=2', 'errors=101', 'slower=0', ''])
  test(`--simulate ${JSON.stringify(text)} is refused with examples`, async () => {
    const { code, stderr } = await runCommand(['run', 'catalog', 'v2', '--simulate', text])
    assert.equal(code, 2)
    assert.match(stderr, /--simulate good/)
  })

test('the report has a row for each step and each metric of each check', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'canary-report-'))
  const file = join(folder, 'report.md')
  const { code } = await runCommand(words(`${scenario3} --simulate errors=5,rps=100 --report ${file}`))
  const text = await readFile(file, 'utf8')
  await rm(folder, { recursive: true })
  assert.equal(code, 5)
  assert.match(
    text,
    /^# catalog: v2 failed and was rolled back: request-success-rate failed \(9\d\.\d+, at least 99, stable 99\.\d+\)$/m,
  )
  const rows = text.split('\n').filter(line => line.startsWith('| 1 | 2026'))
  assert.equal(rows.length, 10)
  assert.ok(
    rows.filter(row => row.includes('request-success-rate')).every(row => row.includes('| at least 99 % |')),
  )
})

/** The run as it is shown at each piece of news. */
async function pictures(traffic: string, columns: number): Promise<readonly string[]> {
  const shown: string[] = []
  const record: RolloutRecord = {
    format: 1,
    id: 'abcd',
    service: 'catalog',
    namespace: 'shop',
    version: 'v2',
    stable: 'v1',
    plan: await rolloutPlanOf({ interval: '45s', steps: [10, 50], mirror: 25 }),
    state: beginning,
    command: 'kubectl canary run catalog v2',
    started: '2026-08-01T12:00:00.000Z',
    force: false,
  }
  await simulate({
    record,
    service: syntheticService(parseSimulation(traffic)),
    report: (_: RolloutNews, current, now) =>
      shown.push(formatRunScreen(current, { now, paint: paintOf(false), columns })),
  })
  return shown
}

test('the screen shows steps as bars, metrics with their limits and course, and the time to the next check', async () => {
  const shown = await pictures('rps=100', 120)
  assert.match(shown[1]!, /^ {2}1 +copies of 25 % +▒{5}░{15} +0 of 1 passed$/m)
  assert.match(shown[1]!, /^next check in 45 s$/m)
  const last = shown.at(-1)!
  assert.match(last, /^ {2}3 +50 % +█{10}░{10} +1 of 1 passed$/m)
  assert.match(last, /^ {2}request-success-rate +99\.\d+ % +at least 99 % +99\.\d+ % +[▁-█]{3} +pass$/m)
  assert.match(last, /^v2 was promoted$/m)
})

test('the screen says what failed', async () => {
  const shown = await pictures('rps=100,errors=20', 80)
  assert.match(shown.at(-1)!, /v2 failed and was rolled back: request-success-rate failed/)
  assert.match(shown.at(-1)!, /failed checks: 5 of 5/)
})
