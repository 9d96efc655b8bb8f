/** Compiles the bundle for a platform: by Bun, or with what Bun made of the same before. */
import { execFile } from 'node:child_process'
import { constants } from 'node:fs'
import { copyFile, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { kept } from '../kept/kept.ts'
import { bunFor, ownBun } from './bun.ts'
import { withoutSignature } from './mach-o.ts'
import { extensionOf, nameOf, type Platform } from './platforms.ts'

const run = promisify(execFile)

/** What is compiled, and for which platform. */
export interface Compiling {
  readonly text: string
  readonly platform: Platform
  /** Whether Bun is to run even where it has compiled the same before. */
  readonly anew: boolean
}

/** Compiles a bundle into a file. */
export async function compileTo(path: string, { text, platform, anew }: Compiling): Promise<void> {
  const draft = await mkdtemp(join(tmpdir(), 'canary-executable-'))
  try {
    const program = anew ? await byBun(draft, text, platform) : await keptProgram(text, platform)
    await copyFile(program, path, constants.COPYFILE_FICLONE)
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
  if (platform.os === 'darwin' && platform.arch === 'amd64')
    await writeFile(path, withoutSignature(await readFile(path)))
}

/** An executable has more than 100 MB, and there are six in a run of all tests. */
const most = 2

async function keptProgram(text: string, platform: Platform): Promise<string> {
  const folder = await kept({
    name: `executable-${nameOf(platform)}`,
    from: [
      text,
      ...argumentsFor(platform),
      await identityOf(ownBun()),
      await identityOf(await bunFor(platform)),
      ...environmentOfBun(),
    ],
    most,
    make: async files => {
      const draft = await mkdtemp(join(dirname(files), 'bun-'))
      await rename(await byBun(draft, text, platform), join(files, programOf(platform)))
      await rm(draft, { recursive: true })
    },
  })
  return join(folder, programOf(platform))
}

/** Which Bun this is, by what is installed: package-lock.json may have changed since. */
async function identityOf(bun: string): Promise<string> {
  const { name, version } = JSON.parse(
    await readFile(join(dirname(bun), '../package.json'), 'utf8'),
  ) as Readonly<Record<string, string>>
  return `${name} ${version} ${(await stat(bun)).size}`
}

const environmentOfBun = (): readonly string[] =>
  Object.entries(process.env)
    .filter(([name]) => name === 'NODE_ENV' || name.startsWith('BUN_'))
    .map(([name, value]) => `${name}=${value}`)
    .toSorted()

/** Whatever lies in the folder where a person calls the program (.env, bunfig.toml) must not change what it does. */
const closed = [
  '--no-compile-autoload-dotenv',
  '--no-compile-autoload-bunfig',
  '--no-compile-autoload-tsconfig',
  '--no-compile-autoload-package-json',
]

/**
 * How much more often than usual a function must have run before it is compiled to machine code
 * (https://bun.com/reference/bun/CompileBuildOptions/jitPolicy). A command ends before compiling pays: an edit of a small folder takes
 * 55 ms of CPU instead of 95, and `lint` of 5,000 objects still takes less with it than without.
 */
const reluctance = 100

const bundle = 'kubectl-canary.mjs'

const programOf = (platform: Platform): string => `kubectl-canary${extensionOf(platform)}`

/** All arguments of Bun but the path of the platform's. */
const argumentsFor = (platform: Platform): readonly string[] => [
  'build',
  '--compile',
  '--bytecode',
  '--format=esm',
  `--compile-jit-policy=${reluctance}`,
  ...closed,
  `--target=${platform.bun.replace('@oven/', '').replace('aarch64', 'arm64')}`,
  // Relative: the path is written into the executable, which must be the same wherever it is built.
  bundle,
  `--outfile=${programOf(platform)}`,
]

/** Compiles in a folder, and returns the path of the program there. */
async function byBun(folder: string, text: string, platform: Platform): Promise<string> {
  await writeFile(join(folder, bundle), text)
  const words = [...argumentsFor(platform), `--compile-executable-path=${await bunFor(platform)}`]
  await run(ownBun(), words, { cwd: folder })
  return join(folder, programOf(platform))
}
