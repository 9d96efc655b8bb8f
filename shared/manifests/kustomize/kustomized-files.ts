import { resolve } from 'node:path'
import { CanaryError } from '../../objects/canary-error.ts'
import { keyOf } from '../../objects/kube-object.ts'
import { changedRef, merged, type Change } from '../../view/change.ts'
import type { ManifestObject } from '../manifest.ts'
import type { Manifests } from '../read-manifests.ts'
import type { Rewritten } from '../rewrite.ts'
import { rewrite } from '../rewrite.ts'
import { buildKustomization, shownPath, type Building, type Built } from './built.ts'
import { kustomizeGraph, reachOf, type KustomizeGraph } from './graph.ts'
import type { Kustomization } from './kustomization.ts'
import { otherTakersOf } from './other-takers.ts'
import { unbuiltChange } from './unbuilt-changes.ts'
import { valueOf } from '../yaml/value.ts'

/** One kustomization as it was built, and the files behind it. */
export interface KustomizedFiles {
  readonly root: Kustomization
  readonly graph: KustomizeGraph
  readonly built: Built
  readonly manifests: Manifests
}

type Making = Omit<Building, 'graph' | 'known'>

/** Builds the kustomization in a folder. Throws a CanaryError where there is none, or it cannot be built. */
export async function readKustomized(folder: string, making: Making): Promise<KustomizedFiles> {
  const graph = await kustomizeGraph([resolve(folder)], readYamlBy(making))
  const root = graph.byFolder.get(resolve(folder))
  if (root === undefined)
    throw new CanaryError('not-found', `${folder}: no kustomization that can be read is in this folder`, {
      hints: ['Name a folder with a kustomization.yaml after -k, or files with -f.'],
    })
  const built = await buildKustomization(root, { ...making, graph, known: new Map() })
  return {
    root,
    graph,
    built,
    manifests: { ...built, roots: [{ kind: 'folder', path: shownPath(root.folder) }] },
  }
}

const readYamlBy =
  ({ reader }: Making) =>
  async (text: string): Promise<unknown> =>
    valueOf(await reader.read(text))

/**
 * Works changes of built objects into the files behind them, without writing. Throws a CanaryError `refused`
 * where a file is part of another build as well.
 */
export async function rewriteKustomized(
  changes: readonly Change[],
  { root, graph, built, manifests }: KustomizedFiles,
  making: Making,
): Promise<Rewritten> {
  const all = merged(changes)
  const patchedIn = reachOf(root, graph).flatMap(({ file, patchesInPlace }) =>
    patchesInPlace ? [shownPath(file)] : [],
  )
  const unbuilt = all.map(change => unbuiltChange(change, { objects: built.objects, patchedIn }))
  const holders = unbuilt.flatMap(({ holder }) => holder ?? [])
  const rewritten = await rewrite(
    unbuilt.map(({ change }) => change),
    {
      manifests: { ...manifests, objects: editable(built, holders) },
      namespace: making.namespace,
      reader: making.reader,
    },
  )
  for (const { name, path, before, after } of rewritten.files) {
    if (path === undefined || before === after) continue
    const others = await otherTakersOf(path, { root, graph, read: readYamlBy(making) })
    if (others.names.length > 0)
      throw new CanaryError('refused', `${name} is not edited: ${listed(others.names)} it as well`, {
        hints: [
          `To change it for all of them, name the file: -f ${name}`,
          // A patch in a base is for all that take the base.
          ...(others.isBase
            ? []
            : [
                `To change it for ${built.name} only, first add a patch there that sets the field; then run this again.`,
              ]),
        ],
      })
  }
  return {
    ...rewritten,
    outcomes: rewritten.outcomes.map((outcome, i) => ({ ...outcome, ref: changedRef(all[i]!) })),
  }
}

const listed = (names: readonly string[]): string =>
  names.length === 1 ? `kustomization ${names[0]} takes` : `kustomizations ${names.join(', ')} take`

/** What may be edited, one for each key: what is to be edited comes first. */
function editable(built: Built, holders: readonly ManifestObject[]): readonly ManifestObject[] {
  const sources = built.objects.flatMap(({ source }) => source ?? [])
  return [...new Map([...sources, ...holders].map(one => [keyOf(one.ref), one])).values()]
}
