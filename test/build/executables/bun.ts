/** The Buns that executables are made of, by the hashes of package-lock.json. */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { hostPlatform, type Platform } from './platforms.ts'

const run = promisify(execFile)
const root = join(import.meta.dirname, '../../..')

interface Locked {
  readonly version: string
  /** `sha512-` and the hash in base64, as npm writes it. */
  readonly integrity: string
}

/** The Bun that runs here; fails where npm ci brought none. */
export function ownBun(): string {
  const own = hostPlatform()
  const path = own && installed(own)
  if (path === undefined)
    throw new Error(
      own === undefined
        ? `there is no Bun for ${process.platform} ${process.arch}: build on Linux, macOS or Windows, x64 or arm64`
        : `${own.bun} is not installed: run npm ci`,
    )
  return path
}

/** The path of a platform's Bun: the one that npm ci installed, or one that npm fetches once into the cache folder. */
export async function bunFor(platform: Platform): Promise<string> {
  return installed(platform) ?? (await fetched(platform))
}

const binaryOf = (folder: string, { os }: Platform): string =>
  join(folder, 'bin', os === 'windows' ? 'bun.exe' : 'bun')

function installed(platform: Platform): string | undefined {
  const path = binaryOf(join(root, 'node_modules', platform.bun), platform)
  return existsSync(path) ? path : undefined
}

async function fetched(platform: Platform): Promise<string> {
  const { version, integrity } = lockedVersion(platform.bun)
  const cache = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'kubectl-canary')
  const folder = join(cache, `${platform.bun.replace(/^@oven\//, '')}-${version}`)
  if (existsSync(folder)) return binaryOf(folder, platform)
  await mkdir(cache, { recursive: true })
  const draft = await mkdtemp(join(cache, 'bun-'))
  try {
    const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
    await run(npm, ['pack', `${platform.bun}@${version}`, '--pack-destination', draft, '--silent'])
    const [archive] = await readdir(draft)
    const bytes = await readFile(join(draft, archive!))
    const hash = `sha512-${createHash('sha512').update(bytes).digest('base64')}`
    if (hash !== integrity)
      throw new Error(`${platform.bun}@${version} has the hash ${hash}, package-lock.json has ${integrity}`)
    await run('tar', ['-xzf', join(draft, archive!), '-C', draft])
    await rename(join(draft, 'package'), folder).catch((error: NodeJS.ErrnoException) => {
      // Another process was faster.
      if (!existsSync(folder)) throw error
    })
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
  return binaryOf(folder, platform)
}

/** What package-lock.json holds of a package of the top level. */
export function lockedVersion(name: string): Locked {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, Locked>>
  }
  const locked = packages[`node_modules/${name}`]
  if (locked === undefined) throw new Error(`package-lock.json has no ${name}`)
  return locked
}
