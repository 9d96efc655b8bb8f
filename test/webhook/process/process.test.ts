import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { responseIn } from '../admission/reviewers.ts'
import { alone, metricIn } from './alone.ts'

describe('the process', () => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    it(`ends with 0 on ${signal} before it has a certificate or a synced cache`, async () => {
      await using it = await alone({ isCertified: false })
      const { guard } = it
      await guard.line('serving probes and metrics')
      assert.match(
        (await guard.probe('/readyz')).text,
        /there is no certificate, the cache is not synced yet/,
      )
      guard.signal(signal)
      assert.deepEqual([await guard.ended(), guard.stderr, guard.lines.at(-1)!['msg']], [0, '', 'stopped'])
    })
  }
  it('serves as soon as it has a certificate, and is not ready without a cluster', async () => {
    await using it = await alone({ isCertified: false })
    const { guard, certify, review } = it
    await guard.line('mounted certificate cannot be read')
    await certify()
    assert.equal(responseIn(await review()).allowed, true)
    const { status, text } = await guard.probe('/readyz')
    assert.equal(status, 503)
    assert.match(text, /^not ready: the cache is not synced yet \(not listed: ([\w.]+, )+[\w.]+\)\n$/)
    assert.equal((await guard.probe('/healthz')).status, 200)
  })
})

describe('a process that may open no more files or connections', () => {
  it('goes on, and loads changed files as soon as it can', async () => {
    await using it = await alone({ openFiles: 64 })
    const { guard, config, certify, review } = it
    const port = await guard.port()
    const sockets = Array.from({ length: 100 }, () =>
      net.connect(port, '127.0.0.1').on('error', () => undefined),
    )
    const isShort = (): boolean =>
      guard.lines.some(
        ({ error }) => String(error).includes('EMFILE') && String(error).includes('config.yaml'),
      )
    while (!isShort()) {
      await writeFile(config, `# ${Math.random()}\n`)
      await sleep(200)
    }
    for (const socket of sockets) socket.destroy()
    const seen = guard.lines.length
    await writeFile(config, 'onError: deny\n')
    await certify()
    await guard.line('certificate loaded', seen)
    while (responseIn(await review()).allowed) await sleep(100)
    assert.equal(metricIn((await guard.probe('/metrics')).text, 'config_valid'), 1)
    guard.signal('SIGTERM')
    assert.deepEqual([await guard.ended(), guard.stderr], [0, ''])
  })
})

describe('a start', () => {
  it('loads a configuration that changes during the start', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'canary-guard-pipe-'))
    try {
      const pipe = join(folder, 'kubeconfig')
      execFileSync('mkfifo', [pipe])
      await using it = await alone({ flags: { kubeconfig: pipe } })
      // It follows the configuration by now, and is not there yet: it waits for what comes out of the pipe.
      const asking = await open(pipe, 'w')
      await writeFile(it.config, 'onError: deny\n')
      await it.guard.line('configuration loaded')
      await asking.writeFile(await readFile(join(it.folder, 'kubeconfig')))
      await asking.close()
      assert.equal(responseIn(await it.review()).allowed, false)
      assert.equal(metricIn((await it.guard.probe('/metrics')).text, 'config_valid'), 1)
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})

describe('a start that fails', () => {
  it('names the port that is in use, and ends with 1', async () => {
    const taken = net.createServer().listen(0, '127.0.0.1')
    await new Promise(resolve => taken.once('listening', resolve))
    const { port } = taken.address() as net.AddressInfo
    for (const flag of ['port', 'probe-port']) {
      await using it = await alone({ flags: { [flag]: String(port) } })
      assert.deepEqual(
        [await it.guard.ended(), it.guard.stderr],
        [1, `canary-guard: cannot listen on 127.0.0.1 port ${port}: it is in use by another program\n`],
      )
    }
    taken.close()
  })
  for (const [what, flags, code, said] of [
    [
      'an address that is none',
      { host: '999.1.1.1' },
      1,
      /^canary-guard: cannot listen on 999\.1\.1\.1 port 0: .*ENOTFOUND.*\n$/,
    ],
    ['an unknown flag', { nonsense: 'x' }, 2, /^canary-guard: Unknown option '--nonsense'.*\n$/],
    [
      'a port that is none',
      { port: '70000' },
      2,
      /^canary-guard: --port 70000: not a whole number from 0 to 65535\n$/,
    ],
    [
      'two sources of certificates',
      { 'certificate-secret': 'a/b' },
      2,
      /^canary-guard: give either --certificate-dir or --certificate-secret\n$/,
    ],
    [
      'a kubeconfig that is not there',
      { kubeconfig: '/nowhere' },
      1,
      /^canary-guard: kubeconfig \/nowhere: the file does not exist\n.*\n$/,
    ],
  ] as const) {
    it(`reports ${what} in words and without a stack`, async () => {
      await using it = await alone({ flags })
      assert.equal(await it.guard.ended(), code)
      assert.match(it.guard.stderr, said)
    })
  }
})
