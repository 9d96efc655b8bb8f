import { resolve } from 'node:path'
import { isEqual } from '../../../objects/content/equal.ts'
import { keyOf, type KubeObject } from '../../../objects/kube-object.ts'
import { fieldsOf, isFields, itemsOf } from '../../../objects/unchecked.ts'
import { changedRef, type Change } from '../../../view/change.ts'
import { plainOf } from '../../edit/equal.ts'
import type { ManifestDocument, ManifestObject } from '../../manifest.ts'
import { rewriteFile } from '../../rewrite-file.ts'
import type { RewrittenFile } from '../../rewrite.ts'
import { sectionsOf, type SectionReader } from '../../yaml/documents.ts'
import { valueOf } from '../../yaml/value.ts'
import type { Built } from '../built.ts'
import { filesOf, reachOf, type KustomizeGraph } from '../graph.ts'
import type { Kustomization } from '../kustomization.ts'

/** What a build is made of. */
export interface CountedBuild {
  readonly root: Kustomization
  readonly graph: KustomizeGraph
  readonly built: Built
  readonly reader: SectionReader
}

/** A change, and the entry of `replicas` in a kustomization that says how many pods the object has. */
export interface CountedChange {
  /** The change without the number of pods; undefined where that is all of it. */
  readonly change: Change | undefined
  readonly entry: CountEntry | undefined
}

interface CountEntry {
  readonly document: ManifestDocument
  readonly index: number
  readonly count: number
}

/** The kinds whose pods `replicas` counts (sigs.k8s.io/kustomize, api/internal/konfig/builtinpluginconsts/replicas.go). */
const counted: ReadonlySet<string> = new Set([
  'Deployment',
  'ReplicationController',
  'ReplicaSet',
  'StatefulSet',
])

/** Changes of numbers of pods that kustomizations set by `replicas`, which comes after all patches, apart from what else changes. */
export function countedChanges(
  changes: readonly Change[],
  build: Pick<CountedBuild, 'graph' | 'built'> & { readonly counts: readonly CountList[] },
): readonly CountedChange[] {
  const lists = build.counts
  return changes.map(change => {
    const entry = entryOf(change, lists, build)
    if (entry === undefined) return { change, entry }
    const rest = { ...change, after: withReplicas(change.after!, replicasOf(change.before)) }
    return { change: isEqual(rest.before, rest.after) ? undefined : rest, entry }
  })
}

/** The files of kustomizations with these numbers of pods. */
export async function withCounts(
  entries: readonly CountEntry[],
  reader: SectionReader,
): Promise<readonly RewrittenFile[]> {
  const files: RewrittenFile[] = []
  for (const [document, edits] of Map.groupBy(entries, entry => entry.document)) {
    const { file } = document
    const value = fieldsOf(await valueIn(document, reader))
    const replicas = itemsOf(value['replicas']).map((item, i) => {
      const count = edits.find(({ index }) => index === i)?.count
      return count === undefined ? item : { ...fieldsOf(item), count }
    })
    const wanted = plainOf({ ...value, replicas })
    const replaced = new Map([[document, new Map([[undefined, wanted]])]])
    const after = await rewriteFile({ name: file.name, file, replaced, added: [] }, reader)
    files.push({ name: file.name, path: file.path, source: file, before: file.text, after })
  }
  return files
}

/** A list `replicas` of a kustomization. */
export interface CountList {
  readonly by: Kustomization
  readonly document: ManifestDocument
  readonly items: readonly unknown[]
}

/** The lists `replicas`, the one that is applied last first. */
export async function countLists({
  root,
  graph,
  built,
  reader,
}: CountedBuild): Promise<readonly CountList[]> {
  const found: CountList[] = []
  for (const by of reachOf(root, graph)) {
    const file = built.files.find(({ path }) => path !== undefined && resolve(path) === by.file)
    const [section] = sectionsOf(file?.text ?? '')
    if (file === undefined || section === undefined) continue
    const document = { file, section, surprises: [] }
    const items = itemsOf(fieldsOf(await valueIn(document, reader))['replicas'])
    if (items.length > 0) found.push({ by, document, items })
  }
  return found
}

const valueIn = async ({ file, section }: ManifestDocument, reader: SectionReader): Promise<unknown> =>
  valueOf(await reader.read(file.text.slice(section.start, section.end)))

function entryOf(
  { before, after }: Change,
  lists: readonly CountList[],
  { graph, built }: Pick<CountedBuild, 'graph' | 'built'>,
): CountEntry | undefined {
  if (before === undefined || after === undefined) return undefined
  const [from, count] = [replicasOf(before), replicasOf(after)]
  if (count === undefined || from === count) return undefined
  const object = built.objects.find(({ ref }) => keyOf(ref) === keyOf(changedRef({ before, after })))
  const place = object && countPlace(object, lists, graph)
  return place && { ...place, count }
}

/** The entry that says how many pods an object has. */
export function countPlace(
  object: ManifestObject,
  lists: readonly CountList[],
  graph: KustomizeGraph,
): Pick<CountEntry, 'document' | 'index'> | undefined {
  if (!counted.has(object.ref.kind)) return undefined
  const names = [object.ref.name, object.source?.ref.name]
  for (const { by, document, items } of lists) {
    const index = items.findIndex(item => isFields(item) && names.some(name => name === item['name']))
    if (index >= 0 && takes(by, object, graph)) return { document, index }
  }
  return undefined
}

/** A component is for the objects of whoever takes it. */
function takes(by: Kustomization, { source }: ManifestObject, graph: KustomizeGraph): boolean {
  const path = source?.document.file.path
  return by.isComponent || path === undefined || filesOf(by, graph).has(resolve(path))
}

const replicasOf = (object: KubeObject | undefined): number | undefined => {
  const { replicas } = fieldsOf(fieldsOf(object)['spec'])
  return typeof replicas === 'number' ? replicas : undefined
}

const withReplicas = (object: KubeObject, replicas: number | undefined): KubeObject =>
  ({ ...object, spec: { ...fieldsOf(fieldsOf(object)['spec']), replicas } }) as KubeObject
