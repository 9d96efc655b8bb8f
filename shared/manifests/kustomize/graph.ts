import { isFolder, readKustomization, type Kustomization, type ReadYaml } from './kustomization.ts'

/** Kustomizations and what they take from each other. */
export interface KustomizeGraph {
  readonly byFolder: ReadonlyMap<string, Kustomization>
  /** Those that no other one takes: what people apply. */
  readonly roots: readonly Kustomization[]
}

/** The kustomizations in the folders, and all those that they take from elsewhere. */
export async function kustomizeGraph(folders: readonly string[], read: ReadYaml): Promise<KustomizeGraph> {
  const byFolder = new Map<string, Kustomization>()
  const waiting = [...folders]
  const seen = new Set<string>()
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    if (seen.has(folder)) continue
    seen.add(folder)
    const found = await readKustomization(folder, read)
    if (found === undefined) continue
    byFolder.set(found.folder, found)
    waiting.push(...[...found.resources, ...found.components].filter(isFolder))
  }
  const taken = new Set(
    [...byFolder.values()].flatMap(({ resources, components }) => [...resources, ...components]),
  )
  return {
    byFolder,
    roots: [...byFolder.values()]
      .filter(({ folder, isComponent }) => !isComponent && !taken.has(folder))
      .sort((a, b) => (a.folder < b.folder ? -1 : 1)),
  }
}

/** A kustomization and all that it takes, directly or not. */
export function reachOf(root: Kustomization, { byFolder }: KustomizeGraph): readonly Kustomization[] {
  const reached = new Map<string, Kustomization>()
  const add = (one: Kustomization | undefined): void => {
    if (one === undefined || reached.has(one.folder)) return
    reached.set(one.folder, one)
    for (const path of [...one.resources, ...one.components]) add(byFolder.get(path))
  }
  add(root)
  return [...reached.values()]
}

/** The files that a build of the kustomization reads. */
export const filesOf = (root: Kustomization, graph: KustomizeGraph): ReadonlySet<string> =>
  new Set(
    reachOf(root, graph).flatMap(({ file, resources, components, patches }) => [
      file,
      ...[...resources, ...components].filter(path => !graph.byFolder.has(path)),
      ...patches,
    ]),
  )
