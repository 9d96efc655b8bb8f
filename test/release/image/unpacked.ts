/** What Debian's packages hold, kept unpacked. */
import { execFile } from 'node:child_process'
import { basename } from 'node:path'
import { promisify } from 'node:util'
import { kept } from '../../build/kept/kept.ts'

/** Unpacks a package into a folder; runs nothing of it. */
export async function unpack(path: string, folder: string): Promise<void> {
  await promisify(execFile)('dpkg-deb', ['--extract', path, folder])
}

/** A folder with the files of packages, which have their hashes in their names; nobody changes it. */
export const unpacked = (name: string, packages: readonly string[]): Promise<string> =>
  kept({
    name: `debian-${name}`,
    from: packages.map(path => basename(path)),
    most: 2,
    make: async files => {
      for (const path of packages) await unpack(path, files)
    },
  })
