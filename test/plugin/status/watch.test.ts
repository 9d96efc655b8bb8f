import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import test from 'node:test'
import { withinOfRuns } from '../../../plugin/commands/status/run-looks.ts'
import type { ServiceRun } from '../../../plugin/print/services/service-status.ts'
import type { Look } from '../../../plugin/commands/watch/look.ts'
import { show } from '../../../plugin/commands/watch/watch.ts'
import { Session } from '../../../plugin/session.ts'
import { CanaryError } from '../../../shared/objects/canary-error.ts'
import type { ChangeFollower } from '../../../shared/view/store.ts'
import { runCommand, streamsOf, words } from '../run-command.ts'
import { storeOf } from '../shop.ts'

interface Terminal {
  readonly isTTY: boolean
  rows?: number
  columns?: number
  readonly env?: Readonly<Record<string, string>>
}

/** A session whose writes are kept one by one, with what a terminal does to it. */
function sessionOn({ env = { NO_COLOR: '1' }, ...terminal }: Terminal) {
  const written = { stdout: '', stderr: '' }
  const writes: string[] = []
  const resized = new Set<() => void>()
  const interrupt = new AbortController()
  const streams = streamsOf({ env, interrupt: interrupt.signal }, written)
  const stdout = {
    write: (text: string) => writes.push(text),
    get columns() {
      return terminal.columns ?? 80
    },
    get rows() {
      return terminal.rows ?? 24
    },
    isTTY: terminal.isTTY,
    onResize: (listener: () => void) => {
      resized.add(listener)
      return () => resized.delete(listener)
    },
  }
  const session = new Session(
    [],
    { ...streams, stdout },
    { openStore: () => Promise.reject(new TypeError('nothing is opened here')) },
  )
  return {
    session,
    writes,
    written,
    interrupt,
    resized,
    resize: (size: { readonly rows?: number; readonly columns?: number }) => {
      Object.assign(terminal, size)
      for (const listener of resized) listener()
    },
  }
}

/** What is written while a text changes with each look; the watch ends after the last. */
async function watched(
  texts: readonly (string | Error)[],
  terminal: Terminal,
  { isData = false, notes = [] as readonly number[] } = {},
) {
  const on = sessionOn(terminal)
  let look = 0
  await show(on.session, {
    watch: true,
    isData,
    every: 1,
    read: async () => {
      if (notes.includes(look)) on.session.note('a note')
      const text = texts[look++]!
      if (look === texts.length) on.interrupt.abort()
      if (text instanceof Error) throw text
      return { text: () => text }
    },
  })
  return { ...on, out: on.writes.join('') }
}

const frames = (writes: readonly string[]): readonly string[] =>
  writes
    .filter(text => text.includes('\u001b[H'))
    .map(text => text.replaceAll(/\u001b\[(\?2026[hl]|[HKJ])/g, '').replaceAll('\r', ''))

test('on a terminal each look is one write over the one before, on a screen of its own', async () => {
  const { writes } = await watched(['one\ntwo', 'three', 'last'], { isTTY: true })
  assert.equal(writes[0], '\u001b[?1049h\u001b[?25l')
  const [first, second] = frames(writes)
  assert.match(first!, /^\d\d:\d\d:\d\d {2}looks every .*; Ctrl-C ends\none\ntwo$/)
  assert.match(second!, /^\d\d:\d\d:\d\d .*\nthree$/)
  for (const frame of writes.slice(1, 3)) {
    assert.match(frame, /^\u001b\[\?2026h\u001b\[H/)
    assert.match(frame, /\u001b\[K\u001b\[J\u001b\[\?2026l$/)
  }
})

test('the terminal is restored when it ends, with the last look on it', async () => {
  const { writes, resized } = await watched(['one', 'two', 'three'], { isTTY: true })
  assert.equal(writes.at(-1), '\u001b[?25h\u001b[?1049ltwo\n')
  assert.equal(resized.size, 0)
})

test('a line that is wider than the terminal is cut, and what it has no rows for is counted', async () => {
  const text = ['x'.repeat(90), ...Array.from({ length: 30 }, (_, i) => `line ${i}`)].join('\n')
  const [frame = ''] = frames((await watched([text, text], { isTTY: true, rows: 10, columns: 40 })).writes)
  const lines = frame.split('\n')
  assert.equal(lines.length, 10)
  assert.equal(lines[1], `${'x'.repeat(39)}…`)
  assert.match(lines.at(-1)!, /^… 23 more lines: enlarge/)
})

test('another size of the terminal is drawn at once', async () => {
  const on = sessionOn({ isTTY: true, rows: 3, columns: 80 })
  const running = show(on.session, {
    watch: true,
    isData: false,
    every: 60_000,
    read: async (): Promise<Look> => ({ text: () => 'one\ntwo\nthree' }),
  })
  await sleep(5)
  on.resize({ rows: 24, columns: 30 })
  on.interrupt.abort()
  await running
  const [small, large] = frames(on.writes)
  assert.match(small!, /more lines/)
  assert.match(large!, /\none\ntwo\nthree$/)
})

test('a note in between is shown below, and stays when it ends', async () => {
  const { writes, written } = await watched(['one', 'two', 'three'], { isTTY: true }, { notes: [1] })
  assert.match(frames(writes)[1]!, /\ntwo\n\na note$/)
  assert.equal(written.stderr, 'a note\n')
})

test('what fails after the first look is said, with what was seen last, until a look succeeds', async () => {
  const away = new CanaryError('unreachable', 'the API server does not answer')
  const { writes } = await watched(['one', away, 'two', 'three'], { isTTY: true })
  const [, failed, again] = frames(writes)
  assert.match(failed!, / {2}not up to date; Ctrl-C ends\nerror: the API server does not answer\none$/)
  assert.doesNotMatch(again!, /does not answer/)
  await assert.rejects(watched([away], { isTTY: true }), /does not answer/)
  const piped = await watched(['one', away, away, 'one', 'two'], { isTTY: false })
  assert.equal(piped.written.stderr, 'error: the API server does not answer\n')
  assert.equal(piped.out, '2026-08-01T12:00:00Z\none\n\n2026-08-01T12:00:00Z\ntwo\n')
})

test('in a pipe, and on a terminal that cannot draw, a text is printed when it changes', async () => {
  for (const terminal of [{ isTTY: false }, { isTTY: true, env: { TERM: 'dumb' } }]) {
    const { out } = await watched(['one', 'one', 'two'], terminal)
    assert.equal(out, '2026-08-01T12:00:00Z\none\n\n2026-08-01T12:00:00Z\ntwo\n')
  }
})

test('in a pipe a greater age alone is no change', async () => {
  const on = sessionOn({ isTTY: false })
  let looks = 0
  await show(on.session, {
    watch: true,
    isData: false,
    every: 1,
    read: async () => {
      const look = ++looks
      if (look === 4) on.interrupt.abort()
      return { text: now => `${look > 2 ? 'new' : 'old'}, age ${now.getTime() + (look > 2 ? 1 : 0)}` }
    },
  })
  assert.equal(on.writes.length, 2)
})

test('as data a text is printed when it changes, and nothing else', async () => {
  for (const isTTY of [true, false])
    assert.equal((await watched(['{}', '{}', '[]'], { isTTY }, { isData: true })).out, '{}\n[]\n')
})

test('where something changes of which nothing tells, a look says how soon the next one is', async () => {
  const on = sessionOn({ isTTY: false })
  let looks = 0
  await show(on.session, {
    watch: true,
    isData: false,
    atLeastEvery: 600_000,
    read: async () => {
      if (++looks === 3) on.interrupt.abort()
      return { text: () => 'same', follow: async () => undefined, within: 5 }
    },
  })
  assert.equal(looks, 3)
})

test('a run in progress is looked at more often than what changes are told of', () => {
  const run = { status: 'running', started: '2026-08-01T12:00:00Z' } as ServiceRun
  assert.ok(withinOfRuns([{}, { run }]).within! <= 10_000)
  assert.deepEqual(withinOfRuns([{}, { run: { ...run, ended: '2026-08-01T12:01:00Z' } }]), {})
})

test('where changes are told it looks after each burst, once more when it has settled, and not in between', async () => {
  const on = sessionOn({ isTTY: false })
  let told: ChangeFollower | undefined
  let looks = 0
  const running = show(on.session, {
    watch: true,
    isData: false,
    every: 1,
    burst: 5,
    apart: 5,
    settled: 40,
    atLeastEvery: 10_000,
    read: async () => {
      looks++
      return { text: () => 'same', follow: async following => void (told = following) }
    },
  })
  while (told === undefined) await sleep(1)
  await sleep(50)
  assert.equal(looks, 1)
  for (let i = 0; i < 50; i++) told.onChange()
  while (looks < 3) await sleep(1)
  await sleep(150)
  assert.equal(looks, 3)
  told.onRefused()
  // Without the right to watch it looks again and again; else this goes on until the test is ended.
  while (looks < 6) await sleep(1)
  on.interrupt.abort()
  await running
  assert.equal(told.signal.aborted, true)
})

test('a look that failed is made again soon, also where changes are told', async () => {
  const on = sessionOn({ isTTY: false })
  let looks = 0
  await show(on.session, {
    watch: true,
    isData: false,
    every: 1,
    burst: 1,
    apart: 1,
    settled: 600_000,
    atLeastEvery: 600_000,
    read: async () => {
      if (++looks === 1) return { text: () => 'one', follow: async ({ onChange }) => onChange() }
      if (looks === 2) throw new CanaryError('unreachable', 'the API server does not answer')
      on.interrupt.abort()
      return { text: () => 'two' }
    },
  })
  assert.equal(looks, 3)
})

for (const verb of ['status', 'list']) {
  test(`${verb} -w shows changes until it is interrupted`, async () => {
    const interrupt = new AbortController()
    const running = runCommand(words(`${verb} -w`), {
      store: storeOf('catalog'),
      interrupt: interrupt.signal,
    })
    await sleep(100)
    interrupt.abort()
    assert.equal((await running).code, 130)
  })
}
