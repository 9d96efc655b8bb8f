/** What people download: one archive per platform with the executable and the licences. */
import { createHash } from 'node:crypto'
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { zipSync } from 'fflate'
import { create } from 'tar'
import type { Executable } from '../build/executables/build-executables.ts'
import { extensionOf, type Platform } from '../build/executables/platforms.ts'
import { root, version } from './release.ts'

/** An archive that was written. */
export interface Archive {
  readonly platform: Platform
  /** Its name, without a folder. */
  readonly file: string
  readonly sha256: string
}

/** Windows has no program for .tar.gz that everybody has; all others have one. */
export const archiveNameOf = ({ os, arch, libc }: Platform): string =>
  `kubectl-canary_${version}_${[os, arch, ...(libc === undefined ? [] : [libc])].join('_')}${os === 'windows' ? '.zip' : '.tar.gz'}`

export const programNameOf = (platform: Platform): string => `kubectl-canary${extensionOf(platform)}`

/** How small archives are, and how long that takes: 1 to 9, as gzip has it. */
export type Level = 1 | 6

/** Writes the archives of executables into a folder. The same executables give the same bytes. */
export async function writeArchives(
  folder: string,
  executables: readonly Executable[],
  level: Level = 6,
): Promise<readonly Archive[]> {
  mkdirSync(folder, { recursive: true })
  const archives: Archive[] = []
  for (const executable of executables) archives.push(await writeArchive(folder, executable, level))
  return archives
}

async function writeArchive(folder: string, { platform, path }: Executable, level: Level): Promise<Archive> {
  const draft = mkdtempSync(join(tmpdir(), 'canary-archive-'))
  try {
    const program = programNameOf(platform)
    copyFileSync(join(root, 'LICENSE'), join(draft, 'LICENSE'))
    copyFileSync(join(dirname(path), 'THIRD-PARTY-LICENCES.txt'), join(draft, 'THIRD-PARTY-LICENCES.txt'))
    copyFileSync(path, join(draft, program))
    chmodSync(join(draft, program), 0o755)
    const files = ['LICENSE', 'THIRD-PARTY-LICENCES.txt', program]
    const file = archiveNameOf(platform)
    await (platform.os === 'windows' ? zip : tarGz)(join(folder, file), { folder: draft, files, level })
    const sha256 = createHash('sha256')
      .update(readFileSync(join(folder, file)))
      .digest('hex')
    return { platform, file, sha256 }
  } finally {
    rmSync(draft, { recursive: true, force: true })
  }
}

/** The first moment that both formats can write; no archive says when it was made. */
const noTime = new Date('1980-01-01T00:00:00Z')

/** What an archive is made of. */
interface Packed {
  readonly folder: string
  readonly files: string[]
  readonly level: Level
}

const tarGz = (file: string, { folder, files, level }: Packed): Promise<void> =>
  create({ file, cwd: folder, gzip: { level }, portable: true, mtime: noTime }, files)

function zip(file: string, { folder, files, level }: Packed): Promise<void> {
  const contents = files.map(name => [name, new Uint8Array(readFileSync(join(folder, name)))] as const)
  // The format has local times.
  const mtime = new Date(1980, 0, 1)
  writeFileSync(file, zipSync(Object.fromEntries(contents), { level, mtime }))
  return Promise.resolve()
}
