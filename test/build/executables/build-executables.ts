/**
 * Builds one executable per platform, which needs nothing on the machine it runs on: `npm run build:executables`, or
 * `npm run build:executables -- linux-amd64 …` for some. See docs/decisions/0014-executables-by-bun.md.
 */
import { createHash } from 'node:crypto'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { root } from '../build.ts'
import { bundled, bundledOnce } from './bundle.ts'
import { compileTo } from './compile.ts'
import { extensionOf, nameOf, platforms, type Platform } from './platforms.ts'

/** An executable that was built. */
export interface Executable {
  readonly platform: Platform
  readonly path: string
}

/** Whether all is built `anew`, as for a release, or taken from what was built of the same sources where that is kept, as for tests. */
export type Building = 'anew' | 'kept'

/** Builds into a folder: `kubectl-canary-linux-amd64` and so on, their licences, and SHA256SUMS. */
export async function buildExecutables(
  folder: string,
  wanted: readonly Platform[],
  building: Building,
): Promise<readonly Executable[]> {
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  const anew = building === 'anew'
  const { text, licences } = anew ? await bundled() : await bundledOnce()
  await writeFile(join(folder, 'THIRD-PARTY-LICENCES.txt'), licences)
  const built: Executable[] = []
  for (const platform of wanted) {
    const path = join(folder, `kubectl-canary-${nameOf(platform)}${extensionOf(platform)}`)
    await compileTo(path, { text, platform, anew })
    built.push({ platform, path })
  }
  await writeFile(join(folder, 'SHA256SUMS'), await sumsOf(built.map(({ path }) => path)))
  return built
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
    for (const { path } of await buildExecutables(join(root, 'dist/executables'), wanted, 'anew'))
      console.log(`built ${path}`)
  }
}
