/** npm packages of other platforms, by the hashes of package-lock.json: npm ci installs those of the machine only. */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const root = join(import.meta.dirname, '../..')

interface LockedPackage {
  readonly version: string
  /** `sha512-` and the hash in base64, as npm writes it. */
  readonly integrity: string
}

/** What package-lock.json holds of a package of the top level. */
export function lockedVersion(name: string): LockedPackage {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, LockedPackage>>
  }
  const locked = packages[`node_modules/${name}`]
  if (locked === undefined) throw new Error(`package-lock.json has no ${name}`)
  return locked
}

/** The folder that npm ci installed a package into, or nothing where it is not for this machine. */
export function installedFolder(name: string): string | undefined {
  const folder = join(root, 'node_modules', name)
  return existsSync(join(folder, 'bin')) ? folder : undefined
}

/** Where what is downloaded is kept. */
export const downloads = (): string =>
  join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'kubectl-canary')

/** The folder of a package: as installed, or fetched once by npm. Throws where its hash is not that of package-lock.json. */
export async function packageFolder(name: string): Promise<string> {
  const installed = installedFolder(name)
  if (installed !== undefined) return installed
  const { version, integrity } = lockedVersion(name)
  const folder = join(downloads(), `${name.replace(/^@.*\//, '')}-${version}`)
  if (existsSync(folder)) return folder
  await mkdir(downloads(), { recursive: true })
  const draft = await mkdtemp(join(downloads(), 'package-'))
  try {
    const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
    await run(npm, ['pack', `${name}@${version}`, '--pack-destination', draft, '--silent'])
    const [archive] = await readdir(draft)
    const bytes = await readFile(join(draft, archive!))
    const hash = `sha512-${createHash('sha512').update(bytes).digest('base64')}`
    if (hash !== integrity)
      throw new Error(`${name}@${version} has the hash ${hash}, package-lock.json has ${integrity}`)
    await run('tar', ['-xzf', join(draft, archive!), '-C', draft])
    await rename(join(draft, 'package'), folder).catch((error: NodeJS.ErrnoException) => {
      // Another process was faster.
      if (!existsSync(folder)) throw error
    })
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
  return folder
}
