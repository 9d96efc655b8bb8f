/**
 * All tests: `npm test`, or `npm test -- test/plan/reading/*.test.ts` for some. A file can also be run by itself, with `node --test FILE`.
 * What `npm test` adds is speed: files that can share a process do (see batches.ts), and what starts our programs starts the
 * bundles that have just been built. And files that start the plugin as a process are run once more on the executable of this machine.
 */
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir, totalmem } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { pathToFileURL } from 'node:url'
import { putBundle } from '../build/executables/bundle.ts'
import { buildExecutables } from '../build/executables/build-executables.ts'
import { hostPlatform } from '../build/executables/platforms.ts'
import { batchesOf, startsPlugin, type Batch } from './batches.ts'

const root = join(import.meta.dirname, '../..')

/**
 * Processes at a time: three more than there are processors, because those on clusters wait two thirds of the time (an API server answers a list
 * only after what other kinds have changed, of which it asks its etcd every 100 ms), as far as there is memory for their clusters.
 */
const concurrency = Math.max(
  2,
  Math.min(availableParallelism() + 3, Math.floor(totalmem() / (3 * 1024 ** 3))),
)

/**
 * How Node is started for tests: with much space for new objects, most of which a test soon forgets, and without what the runner does for each
 * promise. Together a tenth less CPU time.
 */
const nodeFlags = [
  '--max-semi-space-size=64',
  '--min-semi-space-size=16',
  `--require=${join(import.meta.dirname, 'untracked-promises.cjs')}`,
]

/** All tests take a third of this, in milliseconds. Then what is left is ended and named: a process that a failed test keeps alive never ends. */
const longest = 60 * 60_000

/** What is done in a process before its files are loaded, in JavaScript, and what these are called. */
interface Beginning {
  readonly name: string
  readonly line?: string
}

/**
 * A file for Node's runner, which starts a process for each. Node takes what calls a file's `after` in the same turn as a test for a part of this
 * test, so that it would run when that ends: each file of a batch begins in a turn of its own.
 */
function fileOf(folder: string, batch: Batch, { name, line }: Beginning): string {
  const paths = batch.map(file => join(root, file))
  if (paths.length === 1 && line === undefined) return paths[0]!
  const file = join(folder, `${name}.test.mjs`)
  const imports = paths.map(path => `await import(${JSON.stringify(pathToFileURL(path))})`)
  writeFileSync(file, [line ?? '', imports.join('\nawait new Promise(setImmediate)\n')].join('\n'))
  return file
}

/** The executable, and the files that are to be run on it. */
interface OnExecutable {
  readonly program: string
  readonly files: readonly string[]
}

/** Files for Node's runner, as {@link fileOf} makes them, in which those of ours start the executable. */
const filesOnExecutable = (folder: string, { program, files }: OnExecutable): readonly string[] =>
  batchesOf(root, files).map((batch, i) =>
    fileOf(folder, batch, {
      name: `executable-${i}`,
      line: `process.env.CANARY_PROGRAM = ${JSON.stringify(program)}`,
    }),
  )

async function onExecutable(all: readonly string[]): Promise<OnExecutable | undefined> {
  const files = all.filter(file => startsPlugin(file, readFileSync(join(root, file), 'utf8')))
  if (files.length === 0) return undefined
  const host = hostPlatform()
  if (host === undefined) {
    console.log(`no tests on the executable: there is no Bun for ${process.platform} ${process.arch}`)
    return undefined
  }
  const [built] = await buildExecutables(join(root, 'dist/executables'), [host], 'kept')
  console.log(`${files.length} test files are run on the executable too: ${files.join(' ')}`)
  return { program: built!.path, files }
}

/** Other processes need not bundle again what the executable was compiled of. */
async function passBundle(folder: string): Promise<void> {
  await putBundle(folder)
  process.env['CANARY_BUNDLE'] = folder
}

async function main(patterns: readonly string[]): Promise<void> {
  const files = globSync(patterns.length > 0 ? patterns : ['test/**/*.test.ts'], { cwd: root })
    .map(file => relative(root, resolve(root, file)))
    .toSorted()
  if (files.length === 0) throw new Error(`no test file is called ${patterns.join(' or ')}`)
  process.env['NODE_COMPILE_CACHE'] = join(root, 'node_modules/.cache/test-code')
  process.env['CANARY_BUILT'] = join(root, 'dist')
  const folder = mkdtempSync(join(tmpdir(), 'canary-batches-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const executable = await onExecutable(files)
  if (executable !== undefined) await passBundle(join(folder, 'bundle'))
  const again = executable === undefined ? [] : filesOnExecutable(folder, executable)
  run({
    // Those on the executable wait most of the time, which nothing would use at the end.
    files: [
      ...again,
      ...batchesOf(root, files).map((batch, i) => fileOf(folder, batch, { name: String(i) })),
    ],
    concurrency,
    signal: AbortSignal.timeout(longest),
    execArgv: nodeFlags,
  })
    .on('test:fail', ({ todo }) => {
      if (todo === undefined || todo === false) process.exitCode = 1
    })
    .compose(spec)
    .pipe(process.stdout)
}

await main(process.argv.slice(2))
