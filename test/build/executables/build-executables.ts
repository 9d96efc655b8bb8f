/**
 * Builds one executable per platform, which needs nothing on the machine it runs on: `npm run build:executables`, or
 * `npm run build:executables -- linux-amd64 …` for some. See docs/decisions/0014-executables-by-bun.md.
 */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { everyBundle, root } from '../build.ts'
import { withoutUnused } from '../late-parts.ts'
import { licencesOf } from '../licences.ts'
import { lockedVersion } from '../locked-package.ts'
import { bunFor, ownBun } from './bun.ts'
import { withoutSignature } from './mach-o.ts'
import { extensionOf, nameOf, platforms, type Platform } from './platforms.ts'

const run = promisify(execFile)

/** An executable that was built. */
export interface Executable {
  readonly platform: Platform
  readonly path: string
}

const bundle = 'kubectl-canary.mjs'

/** Builds into a folder: `kubectl-canary-linux-amd64` and so on, their licences, and SHA256SUMS. */
export async function buildExecutables(
  folder: string,
  wanted: readonly Platform[] = platforms,
): Promise<readonly Executable[]> {
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  const draft = await mkdtemp(join(tmpdir(), 'canary-executables-'))
  try {
    await writeFile(join(folder, 'THIRD-PARTY-LICENCES.txt'), await bundleInto(join(draft, bundle)))
    const built: Executable[] = []
    for (const platform of wanted) {
      const path = join(folder, `kubectl-canary-${nameOf(platform)}${extensionOf(platform)}`)
      await copyFile(await compile(draft, platform), path)
      built.push({ platform, path })
    }
    await writeFile(join(folder, 'SHA256SUMS'), await sumsOf(built.map(({ path }) => path)))
    return built
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
}

/** Bundles the plugin as one file, and returns the licences of what is in it. */
async function bundleInto(file: string): Promise<string> {
  const { metafile } = await build({
    ...everyBundle,
    entryPoints: [join(import.meta.dirname, 'entry.ts')],
    outfile: file,
    target: 'esnext',
    // The entry starts the program, not the module that a stub of npm's starts.
    define: { 'import.meta.main': 'false' },
    plugins: [withoutUnused],
  })
  const notice = await readFile(join(import.meta.dirname, 'bun-notice.txt'), 'utf8')
  const { version } = lockedVersion(ownBunPackage)
  return `bun ${version} (MIT, and the licences of what it links)\n\n${notice}\n${'-'.repeat(80)}\n\n${licencesOf(Object.keys(metafile.inputs), root)}`
}

/** Any: all packages have one version. */
const ownBunPackage = platforms[0]!.bun

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

/** Compiles the bundle of a folder into an executable beside it, whose path it returns. */
async function compile(folder: string, platform: Platform): Promise<string> {
  const name = `kubectl-canary${extensionOf(platform)}`
  const args = [
    'build',
    '--compile',
    '--bytecode',
    '--format=esm',
    `--compile-jit-policy=${reluctance}`,
    ...closed,
    `--target=${platform.bun.replace('@oven/', '').replace('aarch64', 'arm64')}`,
    `--compile-executable-path=${await bunFor(platform)}`,
    // Relative: the path is written into the executable, which must be the same wherever it is built.
    bundle,
    `--outfile=${name}`,
  ]
  await run(ownBun(), args, { cwd: folder })
  const path = join(folder, name)
  if (platform.os === 'darwin' && platform.arch === 'amd64')
    await writeFile(path, withoutSignature(await readFile(path)))
  return path
}

/** What `sha256sum --check` reads. */
export async function sumsOf(paths: readonly string[]): Promise<string> {
  const lines = paths.map(
    async path =>
      `${createHash('sha256')
        .update(await readFile(path))
        .digest('hex')}  ${path.split(/[/\\]/).at(-1)}\n`,
  )
  return (await Promise.all(lines)).join('')
}

if (import.meta.main) {
  const names = process.argv.slice(2)
  const unknown = names.filter(name => !platforms.some(platform => nameOf(platform) === name))
  if (unknown.length > 0) {
    console.error(
      `error: no platform is called ${unknown.join(' or ')}: there are ${platforms.map(nameOf).join(', ')}`,
    )
    process.exitCode = 2
  } else {
    const wanted =
      names.length === 0 ? platforms : platforms.filter(platform => names.includes(nameOf(platform)))
    for (const { path } of await buildExecutables(join(root, 'dist/executables'), wanted))
      console.log(`built ${path}`)
  }
}
