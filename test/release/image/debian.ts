/** The Debian packages of the image, by the hashes of release/image.json. */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { downloads } from '../../build/locked-package.ts'
import { root } from '../release.ts'

const run = promisify(execFile)
export const lockFile = join(root, 'release/image.json')

/** The processors that the image is built for. */
export const processors = ['amd64', 'arm64'] as const
export type Processor = (typeof processors)[number]

type Pinned = { readonly version: string } & Readonly<Record<Processor, string>>

/** What release/image.json holds. */
export const lockedImage = JSON.parse(readFileSync(lockFile, 'utf8')) as {
  readonly about: string
  readonly packages: Readonly<Record<string, Pinned>>
}

/** Why a package cannot be had here; says what would help. */
export class PackageMissing extends Error {}

/** A package by its hash. */
export interface PinnedPackage {
  readonly name: string
  readonly version: string
  readonly sha256: string
}

/** Which Debian: a processor's, and the release where it is not that of the machine. */
interface DebianRelease {
  readonly processor: Processor
  readonly suite?: string
  /** What to do where Debian has a version no longer. */
  readonly update: string
}

/** The paths of all packages of the image for a processor, fetched once; throws {@link PackageMissing} where one is not to be had. */
export const debianPackages = (processor: Processor): Promise<readonly string[]> =>
  fetchPackages(
    Object.entries(lockedImage.packages).map(([name, pinned]) => ({
      name,
      version: pinned.version,
      sha256: pinned[processor],
    })),
    { processor, update: 'npm run build:image -- --update takes what it has now' },
  )

/** The paths of packages, fetched once; throws {@link PackageMissing} where one is not to be had. */
export async function fetchPackages(
  packages: readonly PinnedPackage[],
  release: DebianRelease,
): Promise<readonly string[]> {
  const wanted = packages.map(({ name, version, sha256 }) => ({
    word: `${name}=${version}`,
    sha256,
    path: join(downloads(), 'debian', `${name}-${sha256}.deb`),
  }))
  const missing = wanted.filter(({ path }) => !existsSync(path))
  if (missing.length > 0) {
    mkdirSync(join(downloads(), 'debian'), { recursive: true })
    await using apt = await Apt.of(release)
    for (const { word, sha256, path } of missing) {
      const file = await apt.download(word)
      const found = sumOf(file)
      if (found !== sha256)
        throw new Error(`${word} for ${release.processor} has the SHA-256 ${found}, ${sha256} is pinned`)
      renameSync(file, path)
    }
  }
  return wanted.map(({ path }) => path)
}

const sumOf = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex')

const sourceOf = (suite: string): string =>
  `deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian ${suite} main\n`

/** apt with lists of its own, for any processor: the machine's are left alone. */
class Apt implements AsyncDisposable {
  readonly #folder: string
  readonly #options: readonly string[]

  readonly #update: string

  private constructor(folder: string, { processor, suite, update }: DebianRelease) {
    this.#folder = folder
    this.#update = update
    const set = (name: string, value: string) => ['-o', `${name}=${value}`]
    this.#options = [
      '-qq',
      ...set('Dir::State', join(folder, 'state')),
      ...set('Dir::State::status', join(folder, 'status')),
      ...set('Dir::Cache', join(folder, 'cache')),
      ...set('APT::Architecture', processor),
      ...set('APT::Architectures', processor),
      ...set('APT::Sandbox::User', ''),
      ...(suite === undefined
        ? []
        : [
            ...set('Dir::Etc::sourcelist', join(folder, `${suite}.list`)),
            ...set('Dir::Etc::sourceparts', '-'),
          ]),
    ]
  }

  static async of(release: DebianRelease): Promise<Apt> {
    const folder = mkdtempSync(join(downloads(), 'debian/apt-'))
    for (const name of ['state/lists/partial', 'cache/archives/partial', 'files'])
      mkdirSync(join(folder, name), { recursive: true })
    writeFileSync(join(folder, 'status'), '')
    const { suite } = release
    if (suite !== undefined) writeFileSync(join(folder, `${suite}.list`), sourceOf(suite))
    const apt = new Apt(folder, release)
    try {
      await apt.#run('update')
    } catch (error) {
      await apt[Symbol.asyncDispose]()
      throw new PackageMissing(`apt-get cannot read Debian's lists (this needs Debian 12): ${String(error)}`)
    }
    return apt
  }

  async #run(...words: readonly string[]): Promise<void> {
    await run('apt-get', [...this.#options, ...words], { cwd: join(this.#folder, 'files') })
  }

  /** The path of a package, named `name=version` or, for the newest, `name`. */
  async download(word: string): Promise<string> {
    const files = join(this.#folder, 'files')
    const before = new Set(readdirSync(files))
    await this.#run('download', word).catch((error: unknown) => {
      throw new PackageMissing(`Debian has no ${word} any more: ${this.#update} (${String(error)})`)
    })
    return join(
      files,
      readdirSync(files).find(name => !before.has(name))!,
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

/** Writes the newest versions and their hashes into release/image.json. */
export async function updateLock(): Promise<void> {
  const packages: Record<string, Record<string, string>> = {}
  for (const processor of processors) {
    await using apt = await Apt.of({ processor, update: 'nothing newer is there' })
    for (const name of Object.keys(lockedImage.packages)) {
      const file = await apt.download(name)
      const { stdout } = await run('dpkg-deb', ['--field', file, 'Version'])
      const entry = (packages[name] ??= { version: stdout.trim() })
      if (entry['version'] !== stdout.trim())
        throw new Error(`${name} has not one version for all processors`)
      entry[processor] = sumOf(file)
    }
  }
  writeFileSync(lockFile, `${JSON.stringify({ ...lockedImage, packages }, undefined, 2)}\n`)
}
