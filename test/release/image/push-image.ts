/**
 * Takes the images to a registry as one for all processors, and prints its digest, by which the chart names it:
 * `npm run push:image -- REPOSITORY`, by default the one of release/release.json. Who may do that, crane reads as docker does.
 */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { ensureAssets } from '../../cluster/assets.ts'
import { release, version } from '../release.ts'
import { imageFolder } from './build-image.ts'
import { processors } from './debian.ts'

const run = promisify(execFile)

/** Pushes the layouts of a folder, and returns the digest of the index over them. */
export async function pushImage(
  repository: string,
  folder: string,
  architectures: readonly string[] = processors,
): Promise<string> {
  const { crane } = await ensureAssets(['crane'])
  const references: string[] = []
  for (const processor of architectures) {
    const { stdout } = await run(crane, [
      'push',
      join(folder, processor),
      `${repository}:${version}-${processor}`,
    ])
    references.push(stdout.trim())
  }
  const members = references.flatMap(reference => ['--manifest', reference])
  await run(crane, ['index', 'append', ...members, '--tag', `${repository}:${version}`])
  return (await run(crane, ['digest', `${repository}:${version}`])).stdout.trim()
}

if (import.meta.main) console.log(await pushImage(process.argv[2] ?? release.image, imageFolder))
