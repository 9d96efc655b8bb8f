/** Starts executables of other platforms on Linux on amd64: by QEMU, with musl, and by Wine. What they need is fetched once. */
import { execFile } from 'node:child_process'
import {
  copyFileSync,
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { downloads } from '../locked-package.ts'
import { kept } from '../kept/kept.ts'
import {
  debianPackages,
  fetchPackages,
  PackageMissing,
  type PinnedPackage,
} from '../../release/image/debian.ts'
import { unpack, unpacked } from '../../release/image/unpacked.ts'
import { contained, namespaces } from './contained.ts'
import { ofWine, putWine, wineProgram } from './wine.ts'

const run = promisify(execFile)

type EmulatorName = 'qemu' | 'musl' | 'wine'

const pinned = JSON.parse(readFileSync(join(import.meta.dirname, 'packages.json'), 'utf8')) as Readonly<
  Record<EmulatorName, { readonly suite: string; readonly packages: readonly PinnedPackage[] }>
>

/** The words that start a program of another platform, with paths as they are here; `folder` is the one that it works in. */
export type Emulate = (program: string, folder: string) => readonly string[]

/** The packages that an emulator takes from Debian. */
async function packagesOf(name: EmulatorName): Promise<readonly string[]> {
  const { suite, packages } = pinned[name]
  const update = 'pin what it has now in test/build/emulators/packages.json'
  return fetchPackages(packages, { processor: 'amd64', suite, update })
}

/** QEMU for arm64, the machine's or Debian's, with the libraries of the image. */
export async function qemu(): Promise<Emulate> {
  const libraries = await unpacked('image-arm64', await debianPackages('arm64'))
  const own = (process.env['PATH'] ?? '')
    .split(':')
    .map(place => join(place, 'qemu-aarch64-static'))
    .find(path => existsSync(path))
  const program = own ?? (await debiansQemu())
  return executable => [program, '-L', libraries, executable]
}

/** One program of a package of 370 MB. */
async function debiansQemu(): Promise<string> {
  const packages = await packagesOf('qemu')
  const name = 'qemu-aarch64-static'
  const folder = await kept({
    name: 'qemu',
    from: [...packages.map(path => basename(path)), name],
    most: 2,
    make: async files => {
      for (const path of packages) await unpack(path, join(files, 'whole'))
      renameSync(join(files, 'whole/usr/bin', name), join(files, name))
      rmSync(join(files, 'whole'), { recursive: true })
    },
  })
  return join(folder, name)
}

/** A root folder with musl. Not by its loader as a command: the executable reads itself through /proc/self/exe. */
export async function musl(folder: string): Promise<Emulate> {
  await requireNamespaces()
  const [root, libc] = [
    join(folder, 'root'),
    join(await unpacked('musl', await packagesOf('musl')), 'usr/lib/x86_64-linux-musl/libc.so'),
  ]
  mkdirSync(join(root, 'lib'), { recursive: true })
  for (const name of ['ld-musl-x86_64.so.1', 'libc.musl-x86_64.so.1'])
    copyFileSync(libc, join(root, 'lib', name))
  const libraries = join(await wheelForMusl(), 'greenlet.libs')
  for (const name of readdirSync(libraries))
    copyFileSync(
      join(libraries, name),
      join(root, 'lib', name.startsWith('libstdc++') ? 'libstdc++.so.6' : name),
    )
  return (executable, work) => {
    putProgram(root, executable)
    return contained(root, { words: [program], variables: [], work, readOnly: {} })
  }
}

/** A root folder with Wine. */
export async function wine(folder: string): Promise<Emulate> {
  await requireNamespaces()
  const root = join(folder, 'root')
  const readOnly = await putWine(root, await packagesOf('wine'))
  return (executable, work) => {
    putProgram(root, executable)
    return contained(root, { words: [wineProgram, program], variables: ofWine, work, readOnly })
  }
}

/** Where the executable is in a root folder. */
const program = '/program.exe'

function putProgram(root: string, executable: string): void {
  const inside = join(root, program)
  if (existsSync(inside)) return
  try {
    linkSync(executable, inside)
  } catch {
    cpSync(executable, inside)
  }
}

async function requireNamespaces(): Promise<void> {
  await run('unshare', [...namespaces, 'true']).catch((error: unknown) => {
    throw new PackageMissing(`namespaces are not permitted here: ${String(error)}`)
  })
}

/** The libraries of C++ for musl, from PyPI, fetched once. */
async function wheelForMusl(): Promise<string> {
  const place = join(downloads(), 'musl-wheel-3dbb4596')
  if (existsSync(place)) return place
  mkdirSync(downloads(), { recursive: true })
  const draft = mkdtempSync(join(downloads(), 'wheel-'))
  const options = [
    '--quiet',
    '--no-input',
    '--no-deps',
    '--only-binary=:all:',
    '--require-hashes',
    '--disable-pip-version-check',
  ]
  const platform = [
    '--platform',
    'musllinux_1_2_x86_64',
    '--python-version',
    '3.12',
    '--implementation',
    'cp',
  ]
  try {
    const requirements = join(import.meta.dirname, 'requirements.txt')
    await run('python3', [
      '-m',
      'pip',
      'install',
      ...options,
      ...platform,
      '--target',
      draft,
      '-r',
      requirements,
    ])
    cpSync(draft, place, { recursive: true })
  } catch (error) {
    throw new PackageMissing(`PyPI has no libraries for musl: ${String(error)}`)
  } finally {
    rmSync(draft, { recursive: true, force: true })
  }
  return place
}
