import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import test from 'node:test'
import { promisify } from 'node:util'
import { putPrograms } from '../build/built-programs.ts'

const root = join(import.meta.dirname, '../..')
const dockerfile = await readFile(join(root, 'Dockerfile'), 'utf8')

test('what the image holds starts alone', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'canary-image-'))
  try {
    await putPrograms(join(folder, 'src/dist'))
    for (const [, words] of dockerfile.matchAll(/^COPY --from=build (.*)$/gm)) {
      const [to, ...sources] = words!.split(' ').reverse()
      for (const source of sources)
        await cp(join(folder, source), join(folder, to!, to!.endsWith('/') ? basename(source) : ''), {
          recursive: true,
        })
    }
    const [, program] = /^ENTRYPOINT \["\/nodejs\/bin\/node", "(.*)"\]$/m.exec(dockerfile)!
    const { stdout } = await promisify(execFile)(process.execPath, [join(folder, program!), '--help'], {
      cwd: folder,
      env: {},
    })
    assert.match(stdout, /^canary-guard: /)
    const plugin = await promisify(execFile)(
      process.execPath,
      [join(folder, 'app/dist/kubectl-canary.js'), 'run', '--help'],
      { cwd: folder, env: {} },
    )
    assert.match(plugin.stdout, /--as-job/)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

test('the image runs as nobody, on the Node that the checks run on', () => {
  assert.match(dockerfile, /^USER 65532:65532$/m)
  const versions = [...dockerfile.matchAll(/^FROM \S*?node(?:js)?:?(\d+)/gm)].map(([, version]) => version)
  assert.deepEqual(versions, ['24', '24'])
})
