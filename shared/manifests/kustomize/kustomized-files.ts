import { resolve } from 'node:path'
import { CanaryError } from '../../objects/canary-error.ts'
import { keyOf, type Ref } from '../../objects/kube-object.ts'
import { changedRef, merged, type Change } from '../../view/change.ts'
import type { WrittenName } from '../../view/store.ts'
import type { ManifestObject } from '../manifest.ts'
import type { Manifests } from '../read-manifests.ts'
import type { Plain } from '../edit/plain.ts'
import { rewriteFile, type FileEdit } from '../rewrite-file.ts'
import { rewrite, type Rewritten, type RewrittenFile } from '../rewrite.ts'
import { buildKustomization, shownPath, type Building, type Built } from './built.ts'
import { checkBuild } from './check-build.ts'
import { withEmbedded } from './embedded.ts'
import { kustomizeGraph, reachOf, type KustomizeGraph } from './graph.ts'
import type { Kustomization } from './kustomization.ts'
import { otherTakersOf } from './other-takers.ts'
import {
  countedChanges,
  countLists,
  countPlace,
  withCounts,
  type CountedChange,
  type CountList,
} from './operations/pod-counts.ts'
import { unbuiltChange, type UnbuiltChange } from './unbuilt-changes.ts'
import { valueOf } from '../yaml/value.ts'

/** One kustomization as it was built, and the files behind it. */
export interface KustomizedFiles {
  readonly root: Kustomization
  readonly graph: KustomizeGraph
  readonly built: Built
  readonly manifests: Manifests
  /** What counts the pods of its workloads. */
  readonly counts: readonly CountList[]
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
    counts: await countLists({ root, graph, built, reader: making.reader }),
    manifests: { ...built, roots: [{ kind: 'folder', path: shownPath(root.folder) }] },
  }
}

/** How an object is written in the files of a build, or without one. */
export function writtenNameOf(ref: Ref, kustomized: KustomizedFiles | undefined): WrittenName {
  const built = kustomized?.built.objects.find(one => keyOf(one.ref) === keyOf(ref))
  if (kustomized === undefined || built === undefined) return { name: ref.name, namespace: ref.namespace }
  const written = built.source ?? built
  const counted = countPlace(built, kustomized.counts, kustomized.graph)
  return {
    name: written.ref.name,
    ...(written.saysNamespace && { namespace: written.ref.namespace }),
    ...(counted !== undefined && { countedIn: counted.document.file.name }),
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
  { root, graph, built, manifests, counts: lists }: KustomizedFiles,
  making: Making,
): Promise<Rewritten> {
  const all = merged(changes)
  const patchedIn = reachOf(root, graph).flatMap(({ file, patchesInPlace }) =>
    patchesInPlace ? [shownPath(file)] : [],
  )
  const counted = countedChanges(all, { graph, built, counts: lists })
  const unbuilt = counted.flatMap(({ change }) =>
    change === undefined ? [] : [unbuiltChange(change, { objects: built.objects, patchedIn })],
  )
  const { outcomes: made, files } = await rewriteUnbuilt(unbuilt, { built, manifests }, making)
  const counts = counted.flatMap(({ entry }) => entry ?? [])
  const inPlace = [...(await withHosts(files, making)), ...(await withCounts(counts, making.reader))]
  for (const file of inPlace) await refuseShared(file, { root, graph, built, making })
  await checkBuild(inPlace, { root, graph, built, changes: all, making })
  return {
    files: inPlace,
    outcomes: outcomesOf(counted, made).map((outcome, i) => ({ ...outcome, ref: changedRef(all[i]!) })),
  }
}

/** The outcome of each change: in the file that says how many pods there are, where nothing else is changed. */
function outcomesOf(
  counted: readonly CountedChange[],
  made: Rewritten['outcomes'],
): readonly Omit<Rewritten['outcomes'][number], 'ref'>[] {
  const left = [...made]
  return counted.map(({ change, entry }) =>
    change === undefined ? { action: 'configured', file: entry!.document.file.name } : left.shift()!,
  )
}

/** Works the changes into objects and patches; an inline patch is a file of its own here. */
async function rewriteUnbuilt(
  unbuilt: readonly UnbuiltChange[],
  { built, manifests }: Pick<KustomizedFiles, 'built' | 'manifests'>,
  { namespace, reader }: Making,
): Promise<Rewritten> {
  const holders = unbuilt.flatMap(one => ('holder' in one ? (one.holder ?? []) : []))
  // A new object beside a patch would be one.
  const neighbours = sourcesOf(built)
  const objects = await rewrite(
    unbuilt.flatMap(one => ('change' in one ? one.change : [])),
    { manifests: { ...manifests, objects: editable(built, holders) }, neighbours, namespace, reader },
  )
  const [files, outcomes, left] = [
    [...objects.files],
    [] as Rewritten['outcomes'][number][],
    [...objects.outcomes],
  ]
  for (const one of unbuilt) {
    if ('change' in one) {
      outcomes.push(left.shift()!)
      continue
    }
    const { file } = one.document
    const replaced: FileEdit['replaced'] = new Map([
      [one.document, new Map([[undefined, one.operations as Plain]])],
    ])
    const after = await rewriteFile({ name: file.name, file, replaced, added: [] }, reader)
    files.push({ name: file.name, path: file.path, source: file, before: file.text, after })
    outcomes.push({ ref: built.objects[0]!.ref, action: 'configured', file: file.name })
  }
  return { files, outcomes }
}

/** The files with what was edited within them: the text of an inline patch goes back into its kustomization. */
async function withHosts(files: Rewritten['files'], { reader }: Making): Promise<Rewritten['files']> {
  const byHost = Map.groupBy(files, ({ source }) => source?.within?.file)
  const result = [...(byHost.get(undefined) ?? [])]
  for (const [host, inner] of byHost) {
    if (host === undefined) continue
    const edits = inner.map(({ source, after }) => ({ ...source!.within!, text: after ?? '' }))
    const after = await withEmbedded(host, edits, reader)
    if (after === undefined)
      throw new CanaryError(
        'refused',
        `${host.name} is not edited: its inline patch cannot be rewritten in place`,
        {
          hints: ['Write the patch as a literal block (`patch: |-`), or move it to a file of its own.'],
        },
      )
    result.push({ name: host.name, path: host.path, source: host, before: host.text, after })
  }
  return result
}

async function refuseShared(
  { name, path, before, after }: RewrittenFile,
  {
    root,
    graph,
    built,
    making,
  }: Pick<KustomizedFiles, 'root' | 'graph' | 'built'> & { readonly making: Making },
): Promise<void> {
  if (path === undefined || before === after) return
  const others = await otherTakersOf(path, { root, graph, read: readYamlBy(making) })
  if (others.names.length === 0) return
  throw new CanaryError('refused', `${name} is not edited: ${listed(others.names)} it as well`, {
    hints: [
      `To change it for all of them, name the file: -f ${name}`,
      // A patch in a base is for all that take the base.
      ...(others.isBase
        ? []
        : [
            `To change it for ${built.name} only, repeat this command with --emit-patch kustomize, and add the patch that it prints to ${shownPath(root.file)}.`,
          ]),
    ],
  })
}

const listed = (names: readonly string[]): string =>
  names.length === 1 ? `kustomization ${names[0]} takes` : `kustomizations ${names.join(', ')} take`

/** What may be edited, one for each key: what is to be edited comes first. */
const editable = (built: Built, holders: readonly ManifestObject[]): readonly ManifestObject[] => [
  ...new Map([...sourcesOf(built), ...holders].map(one => [keyOf(one.ref), one])).values(),
]

const sourcesOf = ({ objects }: Built): readonly ManifestObject[] =>
  objects.flatMap(({ source }) => source ?? [])
