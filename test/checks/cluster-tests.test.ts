import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import test from 'node:test'

const script = `import { clusterTest } from ${JSON.stringify(join(import.meta.dirname, '../cluster/cluster-test.ts'))}
clusterTest('needs a cluster', () => Promise.reject(new Error('the body has run')))`

/** Runs one cluster test where there is no Go, nothing built, and no folder of programs. */
async function runWithoutGo(
  env: Readonly<Record<string, string>>,
): Promise<{ readonly code: unknown; readonly said: string }> {
  const empty = mkdtempSync(join(tmpdir(), 'canary-no-go-'))
  const child = spawn(
    process.execPath,
    ['--test-reporter=tap', '--input-type=module-typescript', '-e', script],
    {
      env: { HOME: empty, PATH: empty, XDG_CACHE_HOME: empty, ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  const said = text(child.stdout)
  const [code] = await once(child, 'close')
  rmSync(empty, { recursive: true, force: true })
  return { code, said: await said }
}

const reason =
  /no API server for the tests: .+ there is no Go: install Go .+ or set KUBEBUILDER_ASSETS to a folder with etcd, kube-apiserver and kubectl/

test('without Go and without its programs a cluster test is skipped, with a line that says how to get them', async () => {
  const { code, said } = await runWithoutGo({})
  assert.equal(code, 0, said)
  assert.match(said, /^ok 1 - needs a cluster # SKIP no API server for the tests/m)
  assert.match(said, reason)
})

test('with CI=true the same is a failure, so that no check is green without them', async () => {
  const { code, said } = await runWithoutGo({ CI: 'true' })
  assert.equal(code, 1, said)
  assert.match(said, /^not ok 1 - needs a cluster$/m)
  assert.match(said, reason)
})
