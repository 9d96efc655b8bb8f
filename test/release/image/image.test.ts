/** The image as it is released: the same bytes each time, and programs that run in it, where nothing else is. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { after, type TestContext } from 'node:test'
import { promisify } from 'node:util'
import { Spec, Validation } from '@cyclonedx/cyclonedx-library'
import { putPrograms } from '../../build/built-programs.ts'
import { ensureAssets } from '../../cluster/assets.ts'
import { orSkip } from '../../cluster/cluster-test.ts'
import { startRegistry } from '../registry.ts'
import { root, version } from '../release.ts'
import { billOfMaterials } from './bill-of-materials.ts'
import { buildImage, sizeOf, type Image } from './build-image.ts'
import { debianPackages, PackageMissing } from './debian.ts'
import { pushImage } from './push-image.ts'

const run = promisify(execFile)
const folder = mkdtempSync(join(tmpdir(), 'canary-image-test-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const processor = process.arch === 'arm64' ? 'arm64' : 'amd64'
let built: Promise<Image> | undefined

/** The image of this machine, built once; the test is skipped where its parts cannot be had. */
async function image(context: TestContext): Promise<Image | undefined> {
  if (process.platform !== 'linux') return void context.skip('images are built on Linux')
  if (!(await orSkip(context, () => ensureAssets(['umoci', 'crane'])))) return undefined
  try {
    await debianPackages(processor)
  } catch (error) {
    if (!(error instanceof PackageMissing)) throw error
    return void context.skip(error.message)
  }
  return (built ??= buildImage(join(folder, processor), processor))
}

test('the same inputs give the same digest, of less than 100 MB', async context => {
  const one = await image(context)
  if (one === undefined) return
  const two = await buildImage(join(folder, 'again'), processor)
  assert.equal(one.digest, two.digest)
  assert.match(one.digest, /^sha256:[0-9a-f]{64}$/)
  assert.ok(sizeOf(one) < 100e6, `${sizeOf(one)} bytes`)
})

interface ImageConfig {
  readonly config: {
    readonly User: string
    readonly Entrypoint: readonly string[]
    readonly Env: readonly string[]
    readonly WorkingDir: string
  }
  readonly architecture: string
}

/** The blob that a layout names by a digest. */
const blob = (layout: string, digest: string): unknown =>
  JSON.parse(readFileSync(join(layout, 'blobs', digest.replace(':', '/')), 'utf8'))

function configOf({ layout, digest }: Image): ImageConfig {
  const manifest = blob(layout, digest) as { readonly config: { readonly digest: string } }
  return blob(layout, manifest.config.digest) as ImageConfig
}

const unshare = async (): Promise<boolean> =>
  process.getuid?.() === 0
  && (await run('unshare', ['--mount', '--pid', '--fork', 'true']).then(
    () => true,
    () => false,
  ))

let unpacked: Promise<string> | undefined

/** The files of the image of this machine, unpacked once: programs in it can write nothing. */
const rootOf = (built: Image): Promise<string> => (unpacked ??= unpackedIn(join(folder, 'root'), built))

async function unpackedIn(files: string, { layout }: Image): Promise<string> {
  const { umoci } = await ensureAssets(['umoci'])
  await run(umoci, ['raw', 'unpack', '--image', `${layout}:${version}`, files])
  return files
}

/** Words that run a program of the image as a container runs it: other namespaces, a read-only root, and the image's user. */
function contained(files: string, { config }: ImageConfig, program: readonly string[]): readonly string[] {
  const script =
    'mount --bind "$0" "$0" && mount -t proc proc "$0/proc" && mount -o remount,bind,ro "$0" && exec chroot --userspec="$1" "$0" "$@"'.replace(
      '"$0" "$@"',
      '"$0" /nodejs/bin/node "${@:2}"',
    )
  return [
    'unshare',
    '--mount',
    '--pid',
    '--ipc',
    '--uts',
    '--fork',
    '--kill-child',
    'bash',
    '-c',
    script,
    files,
    config.User,
    ...program,
  ]
}

test('guard and plugin run in it as nobody, with nothing but what it holds', async context => {
  const one = await image(context)
  if (one === undefined) return
  if (!(await unshare())) return context.skip('only root may make namespaces here')
  const files = await rootOf(one)
  const config = configOf(one)
  assert.deepEqual(
    [config.config.User, config.architecture, config.config.Entrypoint[0]],
    ['65532:65532', processor, '/nodejs/bin/node'],
  )
  const does = async (...program: readonly string[]): Promise<string> => {
    const [command, ...words] = contained(files, config, program)
    const env = Object.fromEntries(config.config.Env.map(entry => entry.split(/=(.*)/s) as [string, string]))
    return (await run(command!, words, { env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', ...env } })).stdout
  }
  assert.match(await does(config.config.Entrypoint[1]!, '--help'), /^canary-guard: /)
  assert.equal(await does('/app/dist/kubectl-canary.js', 'version'), `kubectl-canary v${version}\n`)
  assert.match(await does('/app/dist/kubectl-canary.js', 'run', '--help'), /--as-job/)
  const said = `const fs = require('fs'); console.log(process.getuid(), fs.readdirSync('/').join()); try { fs.writeFileSync('/app/x', '') } catch (error) { console.log(error.code) }`
  assert.equal(await does('-e', said), '65532 app,dev,etc,lib,lib64,nodejs,proc,sys,tmp,usr\nEROFS\n')
  return undefined
})

test('it holds no shell, no source and no program but Node, and the licences of all its parts', async context => {
  const one = await image(context)
  if (one === undefined) return
  const files = await rootOf(one)
  const names = readdirSync(files, { recursive: true, encoding: 'utf8' })
  assert.deepEqual(
    names.filter(name => /(^|\/)s?bin\/.|\.ts$|executables/.test(name)),
    ['nodejs/bin/node'],
  )
  for (const name of [
    'app/LICENSE',
    'app/dist/THIRD-PARTY-LICENCES.txt',
    'nodejs/LICENSE',
    'usr/share/doc/libc6/copyright',
    'usr/share/doc/libgcc-s1',
    'usr/share/doc/libstdc++6',
  ])
    assert.ok(names.includes(name), name)
})

test('a registry takes it, and gives it the same digest under one name for all processors', async context => {
  const one = await image(context)
  if (one === undefined) return
  const { crane } = await ensureAssets(['crane'])
  using registry = await startRegistry()
  const repository = `${registry.host}/canary-guard`
  const digest = await pushImage(repository, folder, [processor])
  assert.equal(await pushImage(repository, folder, [processor]), digest)
  const { stdout } = await run(crane, ['manifest', `${repository}@${digest}`])
  const { manifests } = JSON.parse(stdout) as {
    readonly manifests: readonly { readonly digest: string; readonly platform: object }[]
  }
  assert.deepEqual(
    manifests.map(entry => [entry.digest, entry.platform]),
    [[one.digest, { architecture: processor, os: 'linux' }]],
  )
})

test('its bill of materials is CycloneDX, and names every part', async () => {
  const programs = join(folder, 'programs')
  await putPrograms(programs)
  const text = billOfMaterials(programs, processor)
  assert.equal(await new Validation.JsonStrictValidator(Spec.Version.v1dot6).validate(text), null)
  const { components } = JSON.parse(text) as { readonly components: readonly { readonly name: string }[] }
  const names = new Set(components.map(({ name }) => name))
  for (const name of ['node', 'libc6', 'libstdc++6', 'fastify', 'client-node', 'commander'])
    assert.ok(names.has(name) || names.has(`@kubernetes/${name}`), name)
  assert.ok(components.length > 80)
  assert.equal(billOfMaterials(programs, processor), text)
})

test('the Dockerfile builds the same for those who have Docker', () => {
  const dockerfile = readFileSync(join(root, 'Dockerfile'), 'utf8')
  for (const part of [
    'USER 65532:65532',
    '"/nodejs/bin/node", "/app/dist/canary-guard.js"',
    'NODE_OPTIONS=--max-semi-space-size=2',
  ])
    assert.ok(dockerfile.includes(part), part)
})
