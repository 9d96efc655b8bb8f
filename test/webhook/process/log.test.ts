import assert from 'node:assert/strict'
import { once } from 'node:events'
import net from 'node:net'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { until } from '../../live/watch/watching.ts'
import { responseIn } from '../admission/reviewers.ts'
import { alone, metricIn, type Alone } from './alone.ts'

/** An address that no other program uses, so that what is free there stays so. */
const quiet = '127.77.0.1'

/** A port that nobody listens on there. */
async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, quiet)
  await once(server, 'listening')
  const { port } = server.address() as net.AddressInfo
  server.close()
  return port
}

const lostLines = async ({ guard }: Alone): Promise<number> =>
  metricIn((await guard.probe('/metrics')).text, 'errors_total{reason="log"}')

/** Reads the log no further, and has the guard say more than anybody holds for it. */
async function stall(it: Alone): Promise<void> {
  await it.guard.port()
  it.guard.read(false)
  const long = 'x'.repeat(200_000)
  for (let i = 0; i < 100 && (await lostLines(it)) === 0; i++)
    assert.equal(responseIn(await it.review(long)).allowed, true)
  assert.ok((await lostLines(it)) > 0)
}

describe('the log of the process', () => {
  it('loses lines and no review while nobody reads it, and goes on when it is read again', async () => {
    await using it = await alone()
    const { guard } = it
    await stall(it)
    assert.equal((await guard.probe('/healthz')).status, 200)
    guard.read(true)
    const seen = guard.lines.length
    await until('the log goes on', () => guard.lines.length > seen)
    guard.signal('SIGTERM')
    assert.equal(await guard.ended(), 0)
  })
  it('does not keep the process from ending while nobody reads it', async () => {
    await using it = await alone()
    await stall(it)
    it.guard.signal('SIGTERM')
    await it.guard.ended()
  })
  it('does not keep the process from ending at a second signal while nobody reads it', async () => {
    await using it = await alone({ drainSeconds: 3600 })
    await stall(it)
    it.guard.signal('SIGTERM')
    while (!(await it.guard.probe('/readyz')).text.includes('draining')) await sleep(10)
    it.guard.signal('SIGINT')
    await it.guard.ended()
  })
})

describe('a log that cannot be written', () => {
  it('only loses lines when the disk is full', async () => {
    const [port, probePort] = [String(await freePort()), String(await freePort())]
    await using it = await alone({
      logFile: '/dev/full',
      flags: { host: quiet, port, 'probe-port': probePort },
    })
    const lost = async (): Promise<number> =>
      fetch(`http://${quiet}:${probePort}/metrics`).then(
        async answer => metricIn(await answer.text(), 'errors_total{reason="log"}'),
        () => 0,
      )
    while ((await lost()) === 0) await sleep(100)
    it.guard.signal('SIGTERM')
    assert.deepEqual([await it.guard.ended(), it.guard.stderr], [0, ''])
  })
  it('only loses lines when its reader is closed', async () => {
    await using it = await alone()
    const { guard, review } = it
    await guard.port()
    await guard.line('serving probes and metrics')
    guard.hangUp()
    for (let i = 0; i < 5; i++) assert.equal(responseIn(await review()).allowed, true)
    assert.equal((await guard.probe('/healthz')).status, 200)
    guard.signal('SIGTERM')
    assert.deepEqual([await guard.ended(), guard.stderr], [0, ''])
  })
})
