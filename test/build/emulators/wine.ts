/** Wine in a root folder. */
import { execFile } from 'node:child_process'
import {
  copyFileSync,
  cpSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { unpack } from '../../release/image/unpacked.ts'
import { entriesBelow, kept } from '../kept/kept.ts'
import { contained } from './contained.ts'

const run = promisify(execFile)

/** The environment of Wine and of what it starts. */
export const ofWine = ['HOME=/', 'WINEPREFIX=/prefix', 'WINEDEBUG=-all']
export const wineProgram = '/usr/lib/wine/wine64'

/** Libraries in Wine's folder of Windows, which are copies of those in /usr: all but 20 of 770 MB. */
const libraries = ['prefix/drive_c/windows/system32', 'prefix/drive_c/windows/winsxs']
const source = 'usr/lib/x86_64-linux-gnu/wine/x86_64-windows'

/** Puts Wine into a root folder: with a copy of what it may change, and the rest as what is to be mounted read-only, by its path there. */
export async function putWine(
  root: string,
  packages: readonly string[],
): Promise<Readonly<Record<string, string>>> {
  const whole = await kept({
    name: 'wine',
    // This file says what is done with the packages.
    from: [...packages.map(path => basename(path)), readFileSync(import.meta.filename, 'utf8')],
    most: 1,
    comparedBy: 'sizes',
    make: files => make(files, packages),
  })
  mkdirSync(join(root, 'tmp'), { recursive: true })
  putLinks(root)
  cpSync(join(whole, 'prefix'), join(root, 'prefix'), {
    recursive: true,
    verbatimSymlinks: true,
    filter: path => !libraries.some(folder => path === join(whole, folder)),
  })
  return Object.fromEntries(['usr', ...libraries].map(path => [path, join(whole, path)]))
}

function putLinks(root: string): void {
  for (const name of ['lib', 'lib64']) symlinkSync(`usr/${name}`, join(root, name))
}

/** Unpacks Wine, and lets it make its folder of Windows. */
async function make(root: string, packages: readonly string[]): Promise<void> {
  for (const path of packages) await unpack(path, root)
  // What the packages do by links and scripts when they are installed.
  copyFileSync(join(root, 'usr/x86_64-w64-mingw32ucrt/lib/zlib1.dll'), join(root, source, 'zlib1.dll'))
  copyFileSync(join(root, 'usr/lib/wine/wineserver64'), join(root, 'usr/lib/wine/wineserver'))
  mkdirSync(join(root, 'tmp'))
  putLinks(root)
  const [first = '', ...words] = contained(root, {
    // Any program: it starts when Windows is there.
    words: [wineProgram, 'C:\\windows\\system32\\hostname.exe'],
    variables: ofWine,
    readOnly: {},
  })
  await run(first, words)
  for (const folder of libraries) linkEqual(join(root, folder), join(root, source))
  for (const name of readdirSync(root))
    if (!['usr', 'prefix'].includes(name)) rmSync(join(root, name), { recursive: true })
}

/** Makes copies links, which take no space. */
function linkEqual(folder: string, originals: string): void {
  for (const entry of entriesBelow(folder)) {
    const [copy, original] = [join(entry.parentPath, entry.name), join(originals, entry.name)]
    if (!entry.isFile() || !isSame(copy, original)) continue
    rmSync(copy)
    linkSync(original, copy)
  }
}

function isSame(copy: string, original: string): boolean {
  try {
    return readFileSync(copy).equals(readFileSync(original))
  } catch {
    return false
  }
}
