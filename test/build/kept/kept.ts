/**
 * What is made of inputs that seldom change, kept in the cache folder as `kept/NAME-HASH`; the hash is that of all that decides the result.
 * It is made beside its place and renamed, so that nobody finds half of it, and made anew where it has been damaged since.
 */
import { createHash } from 'node:crypto'
import {
  existsSync,
  renameSync,
  lstatSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  utimesSync,
  type Dirent,
} from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { downloads } from '../locked-package.ts'

/** What is to be made, once. */
export interface Making {
  readonly name: string
  /** All that decides what is made, in an order. */
  readonly from: readonly string[]
  /** How many are kept of this name; the one that was used last is the last to go. */
  readonly most: number
  /** How its files are compared with those that were made; without, by their hashes. Sizes are for hundreds of megabytes. */
  readonly comparedBy?: 'sizes'
  /** Makes it in an empty folder. */
  readonly make: (folder: string) => Promise<void>
}

export const keptFolder = (): string => join(downloads(), 'kept')

/** The folder that holds what was made. Whoever changes files works on a copy. */
export async function kept(making: Making): Promise<string> {
  const place = join(keptFolder(), `${making.name}-${hashOf(making.from)}`)
  if (!isWhole(place)) await makeAt(place, making)
  utimesSync(place, new Date(), new Date())
  await removeOldest(making)
  return join(place, 'files')
}

/** Lengths keep two lists with the same text apart. */
function hashOf(from: readonly string[]): string {
  const hash = createHash('sha256')
  for (const part of from) hash.update(`${part.length}:${part}`)
  return hash.digest('hex').slice(0, 24)
}

async function makeAt(place: string, { make, comparedBy }: Making): Promise<void> {
  await mkdir(keptFolder(), { recursive: true })
  const draft = await mkdtemp(join(keptFolder(), draftName))
  const made = join(draft, 'made')
  try {
    await mkdir(join(made, 'files'), { recursive: true })
    await make(join(made, 'files'))
    const contents: Contents = { comparedBy, files: filesIn(join(made, 'files'), comparedBy) }
    await writeFile(join(made, 'contents.json'), JSON.stringify(contents))
    put(made, place, join(draft, 'damaged'))
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
}

const draftName = 'draft-'

/** Puts it into its place, unless somebody else has done so in the meantime. */
function put(made: string, place: string, damaged: string): void {
  if (isWhole(place)) return
  if (existsSync(place)) renameSync(place, damaged)
  try {
    renameSync(made, place)
  } catch (error) {
    if (!isWhole(place)) throw error
  }
}

/** What is written beside the files when they have been made. */
interface Contents {
  readonly comparedBy: Making['comparedBy']
  /** Path, and hash, size or what a link names. */
  readonly files: readonly string[]
}

function isWhole(place: string): boolean {
  try {
    const { comparedBy, files } = JSON.parse(readFileSync(join(place, 'contents.json'), 'utf8')) as Contents
    return filesIn(join(place, 'files'), comparedBy).join('\n') === files.join('\n')
  } catch {
    return false
  }
}

function filesIn(folder: string, comparedBy: Making['comparedBy']): readonly string[] {
  return entriesBelow(folder)
    .map(entry => {
      const path = join(entry.parentPath, entry.name)
      return `${path.slice(folder.length)} ${entry.isFile() ? comparable(path, comparedBy) : readlinkSync(path)}`
    })
    .toSorted()
}

/** Files and links at any depth. `readdirSync` with `recursive` goes where links lead. */
export const entriesBelow = (folder: string): readonly Dirent[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap(entry =>
    entry.isDirectory() ? entriesBelow(join(folder, entry.name)) : [entry],
  )

const comparable = (path: string, comparedBy: Making['comparedBy']): string =>
  comparedBy === 'sizes'
    ? String(lstatSync(path).size)
    : createHash('sha256').update(readFileSync(path)).digest('hex')

const day = 24 * 3_600_000

/** Removes what is too many of a name, and what processes left that were stopped. */
async function removeOldest({ name, most }: Making): Promise<void> {
  const ofName = new RegExp(`^${name}-[0-9a-f]{24}$`)
  const aged = readdirSync(keptFolder())
    .map(entry => join(keptFolder(), entry))
    .map(path => ({ path, time: lstatSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0 }))
    .toSorted((a, b) => b.time - a.time)
  const tooMany = aged.filter(({ path }) => ofName.test(basename(path))).slice(most)
  const left = aged.filter(
    ({ path, time }) => basename(path).startsWith(draftName) && time < Date.now() - day,
  )
  for (const { path } of [...tooMany, ...left]) await rm(path, { recursive: true, force: true })
}
