import { existsSync, readdirSync, realpathSync, type Dirent } from 'node:fs'
import { dirname, join, resolve, sep } from 'node:path'
import { filesOf, kustomizeGraph, reachOf, type KustomizeGraph } from './graph.ts'
import { kustomizationNames, type Kustomization, type ReadYaml } from './kustomization.ts'
import { shownPath } from './built.ts'

/** The kustomizations that take the same file. */
export interface OtherTakers {
  readonly names: readonly string[]
  /** Some of them take the whole kustomization: what is added to it is for them, too. */
  readonly isBase: boolean
}

/** So many folders are looked into at most. */
const mostFolders = 5_000

/**
 * The kustomizations besides `root` that take a file of its build, or something else of it, as people know
 * their folders. They are looked for in the repository, or where there is none in the folder that holds all
 * that `root` takes. What takes `root` itself applies the same objects; where several do, it is their base, and
 * they are named.
 */
export async function otherTakersOf(
  file: string,
  {
    root,
    graph,
    read,
  }: { readonly root: Kustomization; readonly graph: KustomizeGraph; readonly read: ReadYaml },
): Promise<OtherTakers> {
  const whole = await kustomizeGraph(foldersBelow(areaOf(root, graph)), read)
  const own = new Set(reachOf(root, graph).map(({ folder }) => folder))
  const holders = new Set([
    resolve(file),
    ...reachOf(root, graph).flatMap(one => takesFile(one, file, graph)),
  ])
  holders.delete(root.folder)
  const others = [...whole.byFolder.values()].filter(({ folder }) => !own.has(folder))
  const around = others.filter(({ resources, components }) =>
    [...resources, ...components].includes(root.folder),
  )
  const beside = others.filter(({ resources, components, patches }) =>
    [...resources, ...components, ...patches].some(path => holders.has(path)),
  )
  const named = new Set([...beside, ...(around.length > 1 ? around : [])])
  const names = [...named].map(({ folder }) => shownPath(folder)).toSorted()
  return { names, isBase: around.some(one => named.has(one)) }
}

/** The folder of a kustomization whose build reads the file. */
const takesFile = (one: Kustomization, file: string, graph: KustomizeGraph): readonly string[] =>
  filesOf(one, graph).has(resolve(file)) ? [one.folder] : []

function areaOf(root: Kustomization, graph: KustomizeGraph): string {
  const shared = sharedFolder([dirname(root.folder), ...reachOf(root, graph).map(({ folder }) => folder)])
  return repositoryOf(shared) ?? shared
}

/** The folder that holds all these folders. */
export const sharedFolder = (folders: readonly string[]): string =>
  folders.reduce((area, folder) => {
    let up = area
    while (folder !== up && !folder.startsWith(up.endsWith(sep) ? up : up + sep)) up = dirname(up)
    return up
  })

/** The folder of the Git repository that holds a folder; undefined where there is none. */
export function repositoryOf(folder: string): string | undefined {
  for (let at = folder; at !== dirname(at); at = dirname(at)) if (existsSync(join(at, '.git'))) return at
  return undefined
}

/** The folders with a kustomization, breadth first. */
export function foldersBelow(area: string): readonly string[] {
  const found: string[] = []
  const waiting = [realpathSync(area)]
  for (let looked = 0; waiting.length > 0 && looked < mostFolders; looked++) {
    const folder = waiting.shift()!
    let entries: readonly Dirent[]
    try {
      entries = readdirSync(folder, { withFileTypes: true })
    } catch {
      continue
    }
    if (entries.some(({ name }) => kustomizationNames.has(name))) found.push(folder)
    for (const entry of entries)
      if (entry.isDirectory() && !entry.name.startsWith('.') && entry.name !== 'node_modules')
        waiting.push(join(folder, entry.name))
  }
  return found
}
