import assert from 'node:assert/strict'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import net from 'node:net'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { until } from '../../live/watch/watching.ts'
import { responseIn } from '../server/reviewers.ts'
import { alone } from './alone.ts'

const metricIn = (text: string, name: string): number => Number(new RegExp(`^canary_guard_${name} (\\S+)$`, 'm').exec(text)?.[1] ?? 0)

/** A port that nobody listens on now. */
async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as net.AddressInfo
  server.close()
  return port
}

describe('the log of the process', () => {
  it('costs lines and no review when nobody reads on, and goes on when somebody does', async () => {
    await using it = await alone()
    const { guard, review } = it
    await guard.port()
    guard.read(false)
    const long = 'x'.repeat(200_000)
    const lost = async (): Promise<number> => metricIn((await guard.probe('/metrics')).text, 'errors_total{reason="log"}')
    for (let i = 0; i < 100 && await lost() === 0; i++) assert.equal(responseIn(await review(long)).allowed, true)
    assert.ok(await lost() > 0)
    assert.equal((await guard.probe('/healthz')).status, 200)
    guard.read(true)
    const seen = guard.lines.length
    await until('the log goes on', () => guard.lines.length > seen)
    guard.signal('SIGTERM')
    assert.equal(await guard.ended(), 0)
  })
  it('costs nothing but lines when there is no room for them', async () => {
    const [port, probePort] = [String(await freePort()), String(await freePort())]
    await using it = await alone({ logFile: '/dev/full', flags: { port, 'probe-port': probePort } })
    const lost = async (): Promise<number> => fetch(`http://127.0.0.1:${probePort}/metrics`).then(async answer => metricIn(await answer.text(), 'errors_total{reason="log"}'), () => 0)
    while (await lost() === 0) await sleep(100)
    it.guard.signal('SIGTERM')
    assert.deepEqual([await it.guard.ended(), it.guard.stderr], [0, ''])
  })
  it('costs nothing but lines when its other end is closed', async () => {
    await using it = await alone()
    const { guard, review } = it
    await guard.port()
    await guard.line('probes and metrics are served')
    guard.hangUp()
    for (let i = 0; i < 5; i++) assert.equal(responseIn(await review()).allowed, true)
    assert.equal((await guard.probe('/healthz')).status, 200)
    guard.signal('SIGTERM')
    assert.deepEqual([await guard.ended(), guard.stderr], [0, ''])
  })
})

describe('the process', () => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    it(`ends with 0 on ${signal} before it has a certificate or knows a cluster`, async () => {
      await using it = await alone({ isCertified: false })
      const { guard } = it
      await guard.line('probes and metrics are served')
      assert.match((await guard.probe('/readyz')).text, /there is no certificate, the cluster is not yet known/)
      guard.signal(signal)
      assert.deepEqual([await guard.ended(), guard.stderr, guard.lines.at(-1)!['msg']], [0, '', 'stopped'])
    })
  }
  it('serves as soon as a certificate is there, and is not ready for want of a cluster', async () => {
    await using it = await alone({ isCertified: false })
    const { guard, certify, review } = it
    await guard.line('the mounted certificate cannot be read')
    await certify()
    assert.equal(responseIn(await review()).allowed, true)
    const { status, text } = await guard.probe('/readyz')
    assert.equal(status, 503)
    assert.match(text, /^not ready: the cluster is not yet known, no list yet of (\w+, )+\w+\n$/)
    assert.equal((await guard.probe('/healthz')).status, 200)
  })
  it('outlives that it may open no more files or connections', async () => {
    await using it = await alone({ openFiles: 64 })
    const { guard, config, certify, review } = it
    const port = await guard.port()
    const sockets = Array.from({ length: 100 }, () => net.connect(port, '127.0.0.1').on('error', () => undefined))
    const isShort = (): boolean => guard.lines.some(({ error }) => String(error).includes('EMFILE') && String(error).includes('config.yaml'))
    while (!isShort()) {
      await writeFile(config, `# ${Math.random()}\n`)
      await sleep(200)
    }
    for (const socket of sockets) socket.destroy()
    const seen = guard.lines.length
    await writeFile(config, 'onError: deny\n')
    await certify()
    await guard.line('serving with a certificate', seen)
    while (responseIn(await review()).allowed) await sleep(100)
    assert.equal(metricIn((await guard.probe('/metrics')).text, 'config_valid'), 1)
    guard.signal('SIGTERM')
    assert.deepEqual([await guard.ended(), guard.stderr], [0, ''])
  })
})

describe('a start that cannot be', () => {
  it('says which port is taken, and ends with 1', async () => {
    const taken = net.createServer().listen(0, '127.0.0.1')
    await new Promise(resolve => taken.once('listening', resolve))
    const { port } = taken.address() as net.AddressInfo
    for (const flag of ['port', 'probe-port']) {
      await using it = await alone({ flags: { [flag]: String(port) } })
      assert.deepEqual([await it.guard.ended(), it.guard.stderr], [1, `canary-guard: cannot listen on 127.0.0.1 port ${port}: another program listens there\n`])
    }
    taken.close()
  })
  for (const [what, flags, code, said] of [
    ['an address that is none', { host: '999.1.1.1' }, 1, /^canary-guard: cannot listen on 999\.1\.1\.1 port 0: .*ENOTFOUND.*\n$/],
    ['an unknown flag', { nonsense: 'x' }, 2, /^canary-guard: Unknown option '--nonsense'.*\n$/],
    ['a port that is none', { port: '70000' }, 2, /^canary-guard: --port 70000: not a whole number from 0 to 65535\n$/],
    ['two sources of certificates', { 'certificate-secret': 'a/b' }, 2, /^canary-guard: one of --certificate-dir and --certificate-secret is needed, and not both\n$/],
    ['a kubeconfig that is not there', { kubeconfig: '/nowhere' }, 1, /^canary-guard: kubeconfig \/nowhere: there is no such file\n.*\n$/],
  ] as const) {
    it(`says so of ${what}, in words and without a stack`, async () => {
      await using it = await alone({ flags })
      assert.equal(await it.guard.ended(), code)
      assert.match(it.guard.stderr, said)
    })
  }
})
