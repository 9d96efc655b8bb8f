/** krew's own check of the manifest, and krew itself, which installs each archive from it. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, delimiter, dirname, join } from 'node:path'
import test, { after } from 'node:test'
import { promisify } from 'node:util'
import { buildExecutables } from '../build/executables/build-executables.ts'
import { hostPlatform } from '../build/executables/platforms.ts'
import { ensureAssets } from '../cluster/assets.ts'
import { orSkip } from '../cluster/cluster-test.ts'
import { writeArchives, type Archive } from './archives.ts'
import { krewManifest } from './krew-manifest.ts'
import { addressOf, root, version } from './release.ts'

const run = promisify(execFile)
const folder = mkdtempSync(join(tmpdir(), 'canary-krew-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const host = hostPlatform()

/** Serves the archives of a folder, as the download page will. */
async function serve(archives: string): Promise<{ readonly url: string } & Disposable> {
  const server = createServer((request, response) => {
    response.end(readFileSync(join(archives, basename(request.url!))))
  }).listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.dispose]: () => void server.close(),
  }
}

/** The folder of a PATH on which krew is `kubectl krew`. */
async function pathWithKrew(): Promise<{ readonly PATH: string; readonly check: string }> {
  const {
    krew,
    kubectl,
    'validate-krew-manifest': check,
  } = await ensureAssets(['krew', 'kubectl', 'validate-krew-manifest'])
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  symlinkSync(krew, join(bin, 'kubectl-krew'))
  return { PATH: [bin, dirname(kubectl), '/usr/bin', '/bin'].join(delimiter), check }
}

test('krew takes the manifest and installs the archive, and kubectl runs what it installed', async context => {
  if (host === undefined) return context.skip('there is no Bun for this machine')
  if (!(await orSkip(context, () => ensureAssets(['krew', 'kubectl', 'validate-krew-manifest'])))) return
  const executables = await buildExecutables(join(folder, 'executables'), [host], 'kept')
  // A release takes longer to pack, for archives that are 6 % smaller: that makes no difference to krew.
  const archives = await writeArchives(join(folder, 'archives'), executables, 1)
  using server = await serve(join(folder, 'archives'))
  const manifest = join(folder, 'canary.yaml')
  writeFileSync(
    manifest,
    krewManifest(archives, file => `${server.url}/${file}`),
  )
  const { PATH, check } = await pathWithKrew()
  const checked = await run(check, ['-manifest', manifest], { env: { PATH, HOME: folder } })
  assert.match(checked.stderr, /installed fine/)

  const env = {
    PATH: [PATH, join(folder, 'krew/bin')].join(delimiter),
    KREW_ROOT: join(folder, 'krew'),
    HOME: folder,
  }
  const archive = join(folder, 'archives', archives[0]!.file)
  await run('kubectl', ['krew', 'install', '--manifest', manifest, '--archive', archive], { env })
  assert.match((await run('kubectl', ['canary', '--help'], { env })).stdout, /^Usage: kubectl canary /)
  assert.equal((await run('kubectl', ['canary', 'version'], { env })).stdout, `kubectl-canary v${version}\n`)
  const example = join(root, 'examples/catalog')
  const status = await run('kubectl', ['canary', 'status', '-f', example], { env })
  assert.match(status.stdout, /catalog in namespace istioinaction/)
  return undefined
})

test('an archive whose bytes are not those of the manifest is not installed', async context => {
  if (!(await orSkip(context, () => ensureAssets(['krew'])))) return
  const made = join(folder, 'made')
  const [archive] = await writeArchives(made, [standIn('linux')])
  const manifest = join(made, 'canary.yaml')
  writeFileSync(manifest, krewManifest([{ ...archive!, sha256: '0'.repeat(64) }]))
  const { krew } = await ensureAssets(['krew'])
  const failed = await run(
    krew,
    ['install', '--manifest', manifest, '--archive', join(made, archive!.file)],
    {
      env: {
        KREW_ROOT: join(folder, 'other-krew'),
        KREW_OS: 'linux',
        KREW_ARCH: 'amd64',
        HOME: folder,
        PATH: process.env['PATH'],
      },
    },
  ).catch((error: { readonly stderr: string }) => error)
  assert.match(failed.stderr, /checksum does not match/)
})

/** A small file in an executable's place. */
function standIn(os: 'linux' | 'windows') {
  const made = mkdtempSync(join(folder, 'stand-in-'))
  writeFileSync(join(made, 'program'), 'program')
  writeFileSync(join(made, 'THIRD-PARTY-LICENCES.txt'), 'licences')
  return { platform: { os, arch: 'amd64', bun: '' }, path: join(made, 'program') } as const
}

test('the same executables give the same archives', async () => {
  const both = [standIn('linux'), standIn('windows')]
  const sums = (archives: readonly Archive[]) => archives.map(({ sha256 }) => sha256)
  const [one, two] = [
    await writeArchives(join(folder, 'one'), both),
    await writeArchives(join(folder, 'two'), both),
  ]
  assert.deepEqual(sums(one), sums(two))
  assert.deepEqual(
    one.map(({ file }) => file),
    [`kubectl-canary_${version}_linux_amd64.tar.gz`, `kubectl-canary_${version}_windows_amd64.zip`],
  )
  assert.ok(krewManifest(one).includes(addressOf(one[0]!.file)))
})
