import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import test from 'node:test'
import { show } from '../../../plugin/commands/watch.ts'
import { Session } from '../../../plugin/session.ts'
import { runCommand, streamsOf, words } from '../run-command.ts'
import { storeOf } from '../shop.ts'

interface Terminal {
  readonly isTTY: boolean
  readonly rows?: number
  readonly columns?: number
}

/** What is written while a text changes with each look; the watch ends after the last. */
async function watched(
  texts: readonly string[],
  { isTTY, ...size }: Terminal,
  { isData = false, notes = [] as readonly number[] } = {},
): Promise<string> {
  const written = { stdout: '', stderr: '' }
  const interrupt = new AbortController()
  const streams = streamsOf({ isTTY, env: { NO_COLOR: '1' }, interrupt: interrupt.signal }, written)
  const session = new Session(
    [],
    { ...streams, stdout: { ...streams.stdout, ...size } },
    {
      openStore: () => Promise.reject(new TypeError('nothing is opened here')),
    },
  )
  let look = 0
  await show(session, {
    watch: true,
    isData,
    every: 1,
    read: async () => {
      if (notes.includes(look)) session.note('a note')
      const text = texts[look++]!
      if (look === texts.length) interrupt.abort()
      return text
    },
  })
  return written.stdout
}

test('on a terminal each text is drawn over the one before, with the time above it', async () => {
  const out = await watched(['one\ntwo', 'three'], { isTTY: true })
  const [first, second] = out.split('\u001b[3F\u001b[J')
  assert.match(first!, /^\d\d:\d\d:\d\d, every .*\none\ntwo\n$/)
  assert.match(second!, /^\d\d:\d\d:\d\d, every .*\nthree\n$/)
})

test('a line that is wider than the terminal counts as several when it is drawn over', async () => {
  const out = await watched(['x'.repeat(90), 'y'], { isTTY: true, columns: 40 })
  assert.ok(out.includes('\u001b[4F\u001b[J'), JSON.stringify(out))
})

test('what the terminal has no room for is counted, because the cursor cannot go back to it', async () => {
  const text = Array.from({ length: 30 }, (_, i) => `line ${i}`).join('\n')
  const out = await watched([text], { isTTY: true, rows: 10 })
  assert.equal(out.trimEnd().split('\n').length, 9)
  assert.match(out, /line 6\n… 23 more lines: .*\n$/)
})

test('a note in between is not drawn over', async () => {
  const out = await watched(['one', 'two'], { isTTY: true }, { notes: [1] })
  assert.doesNotMatch(out, /\u001b\[/)
})

test('in a pipe a text is printed when it changes, with the time above it', async () => {
  const out = await watched(['one', 'one', 'two'], { isTTY: false })
  assert.equal(out, '2026-08-01T12:00:00Z\none\n\n2026-08-01T12:00:00Z\ntwo\n')
})

test('as data a text is printed when it changes, and nothing else', async () => {
  for (const isTTY of [true, false])
    assert.equal(await watched(['{}', '{}', '[]'], { isTTY }, { isData: true }), '{}\n[]\n')
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
