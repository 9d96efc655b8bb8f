import { readFileSync } from 'node:fs'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import { kustomizationIn, type ReadYaml } from './kustomization.ts'

/** A kustomization that does not list a new manifest which belongs to it, and the entry that would. */
export interface Unlisted {
  readonly kustomization: string
  readonly entry: string
}

/**
 * What to report about a new manifest: the kustomization beside it, or the one above that lists its neighbours,
 * does not list it, so that nobody
 * would apply it. Undefined where there is nothing to tell.
 */
export async function unlistedNote(newFile: string, read: ReadYaml): Promise<string | undefined> {
  const unlisted = await unlistedIn(newFile, read)
  if (unlisted === undefined) return undefined
  const { kustomization, entry } = unlisted
  return `${kustomization} does not list ${basename(newFile)}, so kustomize leaves it out: add \`- ${entry}\` under its resources.`
}

/** The kustomization that should list a new manifest; undefined where there is none, or it does. */
export async function unlistedIn(newFile: string, read: ReadYaml): Promise<Unlisted | undefined> {
  const folder = dirname(newFile)
  for (const at of [folder, join(folder, '..'), join(folder, '..', '..')]) {
    const kustomization = kustomizationIn(at)
    if (kustomization === undefined) continue
    const resources = await resourcesOf(kustomization, read)
    const entry = relative(resolve(at), resolve(newFile)).split(sep).join('/')
    const isAbout =
      at === folder || resources.some(resource => dirname(resolve(at, resource)) === resolve(folder))
    if (resources.some(resource => resolve(at, resource) === resolve(newFile))) return undefined
    if (isAbout) return { kustomization, entry }
  }
  return undefined
}

/** A kustomization that cannot be read lists nothing. */
async function resourcesOf(file: string, read: ReadYaml): Promise<readonly string[]> {
  try {
    const { resources } = (await read(readFileSync(file, 'utf8'))) as { readonly resources?: unknown }
    return Array.isArray(resources) ? resources.filter(resource => typeof resource === 'string') : []
  } catch {
    return []
  }
}
