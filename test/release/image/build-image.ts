/**
 * The image of the guard and of the Jobs of `run --as-job`, from scratch and without a daemon: npm's Node, the libraries that it links, and
 * the bundles. `npm run build:image` builds dist/release/image/PROCESSOR, an OCI layout each. The same inputs give the same digest.
 */
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { create } from 'tar'
import { ensureAssets } from '../../cluster/assets.ts'
import { release, root, version } from '../release.ts'
import { processors, updateLock, type Processor } from './debian.ts'
import { layersIn, user } from './root-folder.ts'

const run = promisify(execFile)

/** An image for one processor, as an OCI layout with one tag. */
export interface Image {
  readonly processor: Processor
  readonly layout: string
  readonly digest: string
}

/** No image says when it was built. */
const noTime = '1970-01-01T00:00:00Z'

const config: Readonly<Record<string, readonly string[]>> = {
  'config.user': [`${user}:${user}`],
  'config.entrypoint': ['/nodejs/bin/node', '/app/dist/canary-guard.js'],
  'config.workingdir': ['/tmp'],
  'config.exposedports': ['10250', '8080'],
  // Little memory by default; the chart sets the size of the heap from the memory limit.
  'config.env': ['NODE_ENV=production', 'NODE_OPTIONS=--max-semi-space-size=2', 'MALLOC_ARENA_MAX=2'],
}

/** For people and registries; `manifest.annotation` and `config.label` alike. */
const labels: Readonly<Record<string, string>> = {
  'org.opencontainers.image.title': 'canary-guard',
  'org.opencontainers.image.description':
    'A validating webhook that denies changes which would break canary routing',
  'org.opencontainers.image.licenses': 'Apache-2.0',
  'org.opencontainers.image.source': release.repository,
  'org.opencontainers.image.version': version,
}

/** Builds an image into a folder, which becomes its layout. */
export async function buildImage(layout: string, processor: Processor): Promise<Image> {
  const { umoci } = await ensureAssets(['umoci'])
  const draft = mkdtempSync(join(tmpdir(), 'canary-image-'))
  try {
    const layers = await layersIn(draft, processor)
    rmSync(layout, { recursive: true, force: true })
    mkdirSync(dirname(layout), { recursive: true })
    const image = `${layout}:${version}`
    await run(umoci, ['init', '--layout', layout])
    await run(umoci, ['new', '--image', image])
    for (const layer of layers) {
      const file = `${layer}.tar`
      await create(
        { file, cwd: layer, portable: true, mtime: new Date(noTime), noDirRecurse: true },
        namesIn(layer),
      )
      await run(umoci, ['raw', 'add-layer', '--no-history', '--image', image, file])
    }
    const words = [
      ...Object.entries(config).flatMap(([name, values]) => values.flatMap(value => [`--${name}`, value])),
      ...Object.entries(labels).flatMap(([name, value]) =>
        ['config.label', 'manifest.annotation'].flatMap(kind => [`--${kind}`, `${name}=${value}`]),
      ),
    ]
    const platform = ['--os', 'linux', '--architecture', processor, '--created', noTime]
    await run(umoci, ['config', '--no-history', '--image', image, ...platform, ...words])
    await run(umoci, ['gc', '--layout', layout])
    return { processor, layout, digest: digestIn(layout) }
  } finally {
    rmSync(draft, { recursive: true, force: true })
  }
}

/** Everything in a folder, parents first, in an order that no file system gives. */
const namesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted()

function digestIn(layout: string): string {
  const { manifests } = JSON.parse(readFileSync(join(layout, 'index.json'), 'utf8')) as {
    readonly manifests: readonly { readonly digest: string }[]
  }
  return manifests[0]!.digest
}

/** The bytes of an image as a registry keeps it. */
export const sizeOf = ({ layout }: Image): number =>
  readdirSync(join(layout, 'blobs/sha256')).reduce(
    (sum, name) => sum + readFileSync(join(layout, 'blobs/sha256', name)).length,
    0,
  )

export const imageFolder = join(root, 'dist/release/image')

if (import.meta.main) {
  if (process.argv.includes('--update')) await updateLock()
  else
    for (const processor of processors) {
      const image = await buildImage(join(imageFolder, processor), processor)
      console.log(`built ${image.layout}: ${image.digest}, ${(sizeOf(image) / 1e6).toFixed(0)} MB`)
    }
}
