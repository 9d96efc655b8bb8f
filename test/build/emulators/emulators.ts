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
  rmSync,
  symlinkSync,
} from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { downloads } from '../locked-package.ts'
import {
  debianPackages,
  fetchPackages,
  PackageMissing,
  type PinnedPackage,
} from '../../release/image/debian.ts'

const run = promisify(execFile)

type EmulatorName = 'qemu' | 'musl' | 'wine'

const pinned = JSON.parse(readFileSync(join(import.meta.dirname, 'packages.json'), 'utf8')) as Readonly<
  Record<EmulatorName, { readonly suite: string; readonly packages: readonly PinnedPackage[] }>
>

/** The words that start a program of another platform, with paths as they are here; `folder` is the one that it works in. */
export type Emulate = (program: string, folder: string) => readonly string[]

/** Unpacks what the emulator takes from Debian into a folder. */
async function unpack(name: EmulatorName, folder: string): Promise<void> {
  const { suite, packages } = pinned[name]
  const update = 'pin what it has now in test/build/emulators/packages.json'
  for (const path of await fetchPackages(packages, { processor: 'amd64', suite, update }))
    await run('dpkg-deb', ['-x', path, folder])
}

/** QEMU for arm64, the machine's or Debian's, with the libraries of the image. */
export async function qemu(folder: string): Promise<Emulate> {
  const libraries = join(folder, 'arm64')
  for (const path of await debianPackages('arm64')) await run('dpkg-deb', ['-x', path, libraries])
  const own = (process.env['PATH'] ?? '')
    .split(':')
    .map(place => join(place, 'qemu-aarch64-static'))
    .find(path => existsSync(path))
  if (own === undefined) await unpack('qemu', join(folder, 'qemu'))
  const program = own ?? join(folder, 'qemu/usr/bin/qemu-aarch64-static')
  return executable => [program, '-L', libraries, executable]
}

/** A root folder with musl. Not by its loader as a command: the executable reads itself through /proc/self/exe. */
export async function musl(folder: string): Promise<Emulate> {
  await requireNamespaces()
  const [root, unpacked] = [join(folder, 'root'), join(folder, 'unpacked')]
  await unpack('musl', unpacked)
  mkdirSync(join(root, 'lib'), { recursive: true })
  const libc = join(unpacked, 'usr/lib/x86_64-linux-musl/libc.so')
  for (const name of ['ld-musl-x86_64.so.1', 'libc.musl-x86_64.so.1'])
    copyFileSync(libc, join(root, 'lib', name))
  const libraries = join(await wheelForMusl(), 'greenlet.libs')
  for (const name of readdirSync(libraries))
    copyFileSync(
      join(libraries, name),
      join(root, 'lib', name.startsWith('libstdc++') ? 'libstdc++.so.6' : name),
    )
  return (executable, work) => contained(root, { executable, work, before: [] })
}

/** A root folder with Wine. */
export async function wine(folder: string): Promise<Emulate> {
  await requireNamespaces()
  const root = join(folder, 'root')
  await unpack('wine', root)
  for (const name of ['lib', 'lib64'])
    if (!existsSync(join(root, name))) symlinkSync(`usr/${name}`, join(root, name))
  // What the packages do by links and scripts when they are installed.
  const libraries = join(root, 'usr/lib/x86_64-linux-gnu/wine/x86_64-windows')
  copyFileSync(join(root, 'usr/x86_64-w64-mingw32ucrt/lib/zlib1.dll'), join(libraries, 'zlib1.dll'))
  copyFileSync(join(root, 'usr/lib/wine/wineserver64'), join(root, 'usr/lib/wine/wineserver'))
  mkdirSync(join(root, 'tmp'), { recursive: true })
  const environment = ['HOME=/', 'WINEPREFIX=/prefix', 'WINEDEBUG=-all', '/usr/lib/wine/wine64']
  return (executable, work) => contained(root, { executable, work, before: environment })
}

async function requireNamespaces(): Promise<void> {
  await run('unshare', [...namespaces, 'true']).catch((error: unknown) => {
    throw new PackageMissing(`namespaces are not permitted here: ${String(error)}`)
  })
}

const namespaces = ['--map-root-user', '--mount', '--pid', '--fork', '--kill-child']

interface Contained {
  readonly executable: string
  readonly work: string
  /** Variables, and the program that starts the executable. */
  readonly before: readonly string[]
}

/** The words that start an executable in a root folder, which gets /dev, /proc and, at the same path, the folder that it works in. */
function contained(root: string, { executable, work, before }: Contained): readonly string[] {
  const inside = join(root, 'program.exe')
  if (!existsSync(inside)) linkOrCopy(executable, inside)
  for (const path of ['dev', 'proc', work]) mkdirSync(join(root, path), { recursive: true })
  const script =
    'mount --rbind /dev "$0/dev" && mount -t proc proc "$0/proc" && mount --bind "$1" "$0$1" && shift && exec env -i "$@"'
  const [program, variables] = [
    before.filter(word => !word.includes('=')),
    before.filter(word => word.includes('=')),
  ]
  return [
    'unshare',
    ...namespaces,
    'bash',
    '-c',
    script,
    root,
    work,
    'PATH=/usr/sbin:/usr/bin:/sbin:/bin',
    ...variables,
    'chroot',
    root,
    ...program,
    '/program.exe',
  ]
}

function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to)
  } catch {
    cpSync(from, to)
  }
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
