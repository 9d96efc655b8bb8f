import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { after, type TestContext } from 'node:test'
import { PackageMissing } from '../../release/image/debian.ts'
import { buildExecutables } from '../executables/build-executables.ts'
import { hostPlatform, nameOf, platforms } from '../executables/platforms.ts'
import { musl, qemu, wine, type Emulate } from './emulators.ts'

const root = join(import.meta.dirname, '../../..')
const folder = mkdtempSync(join(tmpdir(), 'canary-emulators-'))
after(() => rmSync(folder, { recursive: true, force: true }))
const host = hostPlatform()
const skip =
  host !== undefined && nameOf(host) === 'linux-amd64' ? false : 'the emulators are those of Linux on amd64'

const built = new Map<string, Promise<string>>()
/** The executable of a platform, built once. */
function executableFor(name: string): Promise<string> {
  const known = built.get(name)
  if (known !== undefined) return known
  const platform = platforms.find(one => nameOf(one) === name)!
  const making = buildExecutables(join(folder, name), [platform], 'kept').then(([one]) => one!.path)
  built.set(name, making)
  return making
}

/** What a command printed, how it ended, and the files that it left. */
interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
  readonly files: readonly string[]
}

const work = join(folder, 'work')
const files = readdirSync(join(root, 'examples/catalog')).flatMap(name => ['-f', join(work, name)])
const commands: readonly (readonly string[])[] = [
  ['version'],
  ['--help'],
  ['weight', 'v2=10', ...files],
  ['cohort', 'internal', '--to', 'v2', '--header', 'x-team=blue', '--dry-run=client', ...files],
  ['weight', 'v2=110', ...files],
  ['lint', '-o', 'json', ...files],
]
/** Wine does not answer what Bun asks of a folder (EBADFD), so it gets files alone. */
const onFolder: readonly string[] = ['status', '-f', work]

/** Runs all commands, one after another on the same files. */
async function outcomesOf(words: readonly string[], asked = commands): Promise<readonly Outcome[]> {
  rmSync(work, { recursive: true, force: true })
  mkdirSync(work)
  cpSync(join(root, 'examples/catalog'), work, { recursive: true })
  const outcomes: Outcome[] = []
  for (const command of asked) outcomes.push(await outcomeOf([...words, ...command]))
  return outcomes
}

const outcomeOf = ([program, ...words]: readonly string[]): Promise<Outcome> =>
  new Promise((resolve, reject) => {
    execFile(program!, words, { timeout: 240_000 }, (error, stdout, stderr) => {
      if (error !== null && typeof error.code !== 'number') return reject(error)
      const texts = readdirSync(work).map(name => readFileSync(join(work, name), 'utf8'))
      const said = stderr.replace(/^Wine cannot find the FreeType [^]*?freetype\.org\r?\n/, '')
      resolve({ code: Number(error?.code ?? 0), stdout: undated(stdout), stderr: said, files: texts })
    })
  })

/** A cohort has the time at which it was made. */
const undated = (text: string): string => text.replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, 'DATE')

/** The outcomes of all commands on this machine, which end in the one that not every emulator is asked for. */
let ofOwn: Promise<readonly Outcome[]> | undefined

/** Fails where an executable says or does something else than that of this machine. */
async function compare(
  context: TestContext,
  name: string,
  {
    start,
    asked,
  }: { readonly start: (folder: string) => Promise<Emulate>; readonly asked: readonly (readonly string[])[] },
): Promise<void> {
  let emulate: Emulate
  try {
    emulate = await start(mkdtempSync(join(folder, `${name}-`)))
  } catch (error) {
    if (!(error instanceof PackageMissing)) throw error
    return context.skip(error.message)
  }
  const [own, other] = [await executableFor('linux-amd64'), await executableFor(name)]
  const expected = (await (ofOwn ??= outcomesOf([own], [...commands, onFolder]))).slice(0, asked.length)
  assert.deepEqual(
    expected.slice(0, 6).map(({ code }) => code),
    [0, 0, 0, 0, 2, 0],
  )
  assert.match(expected[2]!.files.join(''), /weight: 90/)
  assert.deepEqual(await outcomesOf(emulate(other, work), asked), expected)
}

test('the executable for Linux on arm64 does what that for amd64 does, under QEMU', { skip }, context =>
  compare(context, 'linux-arm64', { start: qemu, asked: [...commands, onFolder] }),
)

test('the executable for musl does what that for glibc does', { skip }, context =>
  compare(context, 'linux-amd64-musl', { start: musl, asked: [...commands, onFolder] }),
)

test('the executable for Windows does what that for Linux does, under Wine', { skip }, context =>
  compare(context, 'windows-amd64', { start: wine, asked: commands }),
)
