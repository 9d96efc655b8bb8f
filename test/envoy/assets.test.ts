import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import test from 'node:test'
import { orSkip } from '../cluster/cluster-test.ts'
import { Envoy } from './envoy.ts'

const imported = (path: string) => JSON.stringify(join(import.meta.dirname, path))
const script = `import test from 'node:test'
import { orSkip } from ${imported('../cluster/cluster-test.ts')}
import { ensureEnvoy } from ${imported('assets.ts')}
test('needs Envoy', async context => {
  if (await orSkip(context, ensureEnvoy)) throw new Error('there is one')
})`

/** Runs one test of Envoy where there is no Python and nothing is installed. */
async function runWithoutPython(env: Readonly<Record<string, string>>): Promise<readonly [unknown, string]> {
  const empty = await mkdtemp(join(tmpdir(), 'canary-no-python-'))
  const child = spawn(
    process.execPath,
    ['--test-reporter=tap', '--input-type=module-typescript', '-e', script],
    { env: { HOME: empty, PATH: empty, XDG_CACHE_HOME: empty, ...env }, stdio: ['ignore', 'pipe', 'ignore'] },
  )
  const said = text(child.stdout)
  const [code] = await once(child, 'close')
  await rm(empty, { recursive: true, force: true })
  return [code, await said]
}

test('without Python a test of Envoy is skipped, with a line that says how to get it', async () => {
  const [code, said] = await runWithoutPython({})
  assert.equal(code, 0, said)
  assert.match(said, /^ok 1 - needs Envoy # SKIP no Envoy for the tests: .*no python3: install Python/m)
})

test('with CI=true the same is a failure', async () => {
  const [code, said] = await runWithoutPython({ CI: 'true' })
  assert.equal(code, 1, said)
  assert.match(said, /^not ok 1 - needs Envoy$/m)
})

test('Envoy and its keeper are gone when it has stopped', async context => {
  const envoy = await orSkip(context, () => Envoy.start())
  if (!envoy) return
  const { ids } = envoy
  assert.equal(ids.length, 2)
  await envoy.stop()
  for (const id of ids) assert.throws(() => process.kill(id, 0), { code: 'ESRCH' })
})

test('routes that Envoy refuses are an error that says why', async context => {
  const envoy = await orSkip(context, () => Envoy.start())
  if (!envoy) return
  const twice = { name: 'a', domains: ['a', 'a'], routes: [] }
  const routes = { virtual_hosts: [twice], ignore_port_in_host_matching: true }
  await assert.rejects(envoy.route('gateway', routes), /Only unique values for domains/)
  await envoy.stop()
})
