import { existsSync, readdirSync, realpathSync, type Dirent } from 'node:fs'
import { dirname, join, resolve, sep } from 'node:path'
import { filesOf, kustomizeGraph, reachOf, type KustomizeGraph } from './graph.ts'
import { kustomizationNames, type Kustomization, type ReadYaml } from './kustomization.ts'
import { shownPath } from './built.ts'

/** So many folders are looked into at most. */
const mostFolders = 5_000

/**
 * The root kustomizations besides `root` whose builds read a file, as people know their folders. They are
 * looked for in the repository, or where there is none in the folder that holds all that `root` takes.
 */
export async function otherRootsOf(
  file: string,
  {
    root,
    graph,
    read,
  }: { readonly root: Kustomization; readonly graph: KustomizeGraph; readonly read: ReadYaml },
): Promise<readonly string[]> {
  const whole = await kustomizeGraph(foldersBelow(areaOf(root, graph)), read)
  const path = resolve(file)
  const others = whole.roots.filter(({ folder }) => folder !== root.folder)
  const around = others.filter(other => reachOf(other, whole).some(({ folder }) => folder === root.folder))
  // A single kustomization around this one applies the same objects; several are what it is the base of.
  const same = new Set(around.length === 1 ? around : [])
  return others
    .filter(other => !same.has(other) && filesOf(other, whole).has(path))
    .map(({ folder }) => shownPath(folder))
}

function areaOf(root: Kustomization, graph: KustomizeGraph): string {
  const folders = reachOf(root, graph).map(({ folder }) => folder)
  const shared = folders.reduce((area, folder) => {
    let up = area
    while (folder !== up && !folder.startsWith(up.endsWith(sep) ? up : up + sep)) up = dirname(up)
    return up
  }, dirname(root.folder))
  for (let at = shared; at !== dirname(at); at = dirname(at)) if (existsSync(join(at, '.git'))) return at
  return shared
}

/** The folders with a kustomization, breadth first. */
function foldersBelow(area: string): readonly string[] {
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
