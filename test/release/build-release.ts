/**
 * Everything of a release but its signatures, into dist/release: `npm run release:build`. With `--dry-run` (`npm run release:dry-run`) it also does
 * what publishing would do, against a registry and a download page of this machine.
 */
import { execFile } from 'node:child_process'
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { buildExecutables, sumsOf } from '../build/executables/build-executables.ts'
import { platforms } from '../build/executables/platforms.ts'
import { ensureAssets } from '../cluster/assets.ts'
import { writeArchives } from './archives.ts'
import { packChart } from './chart/package-chart.ts'
import { notesOf } from './changelog.ts'
import { billOfMaterials } from './image/bill-of-materials.ts'
import { buildImage, imageFolder } from './image/build-image.ts'
import { processors } from './image/debian.ts'
import { pushImage } from './image/push-image.ts'
import { krewManifest } from './krew-manifest.ts'
import { packNpm } from './npm-package.ts'
import { startRegistry } from './registry.ts'
import { root, version } from './release.ts'

const run = promisify(execFile)
const folder = join(root, 'dist/release')
const say = (text: string): void => console.log(text)

async function buildRelease(): Promise<void> {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  say('executables and archives')
  const executables = await buildExecutables(join(root, 'dist/executables'), platforms, 'anew')
  const archives = await writeArchives(folder, executables)
  writeFileSync(join(folder, 'canary.yaml'), krewManifest(archives))
  say('npm package')
  await packNpm(folder)
  say('image')
  for (const processor of processors) {
    await buildImage(join(imageFolder, processor), processor)
    writeFileSync(
      join(folder, `canary-guard_${version}_${processor}.cdx.json`),
      billOfMaterials(join(root, 'dist'), processor),
    )
  }
  say('chart')
  await packChart(folder, await digestOfImage())
  copyFileSync(join(root, 'release/ci/install.sh'), join(folder, 'install.sh'))
  writeFileSync(join(folder, 'NOTES.md'), notesOf(readFileSync(join(root, 'CHANGELOG.md'), 'utf8'), version))
  const files = readdirSync(folder).filter(
    name => statSync(join(folder, name)).isFile() && name !== 'NOTES.md',
  )
  writeFileSync(join(folder, 'SHA256SUMS'), await sumsOf(files.map(name => join(folder, name))))
}

/** Of the image for all processors, which any registry makes of the same images. */
async function digestOfImage(): Promise<string> {
  using registry = await startRegistry()
  return await pushImage(`${registry.host}/canary-guard`, imageFolder)
}

async function publishHere(): Promise<void> {
  say('npm publish --dry-run')
  const archive = join(folder, `kubectl-canary-${version}.tgz`)
  await run('npm', ['publish', archive, '--dry-run', '--access', 'public'])
  say('image and chart into a registry of this machine')
  using registry = await startRegistry()
  const digest = await pushImage(`${registry.host}/canary-guard`, imageFolder)
  const { helm3 } = await ensureAssets(['helm3'])
  await run(helm3, [
    'push',
    join(folder, `canary-guard-${version}.tgz`),
    `oci://${registry.host}/charts`,
    '--plain-http',
  ])
  const { stdout } = await run(helm3, [
    'show',
    'values',
    `oci://${registry.host}/charts/canary-guard`,
    '--version',
    version,
    '--plain-http',
  ])
  if (!stdout.includes(digest)) throw new Error(`the chart does not name the image ${digest}`)
}

await buildRelease()
if (process.argv.includes('--dry-run')) await publishHere()
say(readFileSync(join(folder, 'SHA256SUMS'), 'utf8'))
