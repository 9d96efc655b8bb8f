import { resolve } from 'node:path'
import type { SourceFile } from '../files/find-files.ts'
import type { Path } from '../../objects/paths.ts'
import { textOf, type ManifestDocument, type ManifestObject } from '../manifest.ts'
import { readTexts } from '../read-manifests.ts'
import { sectionsOf, type DocumentSection, type SectionReader } from '../yaml/documents.ts'
import { SourceProblem, type Node } from '../yaml/node.ts'
import { isMergeKey, keyText, valueOf } from '../yaml/value.ts'
import { embeddedFile } from './embedded.ts'
import { filesOf, reachOf, type KustomizeGraph } from './graph.ts'
import type { Kustomization } from './kustomization.ts'
import { isOperations } from './operations/operation-paths.ts'

/** What a patch is for, as its `target` says; the texts are regular expressions (kustomize's types.Selector). */
export interface PatchTarget {
  readonly kind?: unknown
  readonly name?: unknown
}

/** A patch that a kustomization names or holds. */
export interface Patch {
  readonly by: Kustomization
  readonly target: PatchTarget | undefined
  readonly document: ManifestDocument
  readonly content: { readonly object: ManifestObject } | { readonly operations: readonly unknown[] }
}

interface PatchReading {
  readonly graph: KustomizeGraph
  /** The files that the build reads. */
  readonly files: readonly SourceFile[]
  readonly reader: SectionReader
  readonly namespace: string
}

const fields = ['patchesStrategicMerge', 'patches', 'patchesJson6902']

/** The patches of a kustomization and of all that it takes; what it takes comes first, as kustomize has it. */
export async function patchesOf(root: Kustomization, reading: PatchReading): Promise<readonly Patch[]> {
  const found: Patch[] = []
  for (const one of reachOf(root, reading.graph).toReversed()) found.push(...(await patchesIn(one, reading)))
  return found
}

/** Whether a patch may be for an object that has one of these names, and comes from a file. */
export function isFor(
  { by, target, content }: Patch,
  {
    kind,
    names,
    file,
    graph,
  }: {
    readonly kind: string
    readonly names: readonly string[]
    readonly file: string | undefined
    readonly graph: KustomizeGraph
  },
): boolean {
  if (!by.isComponent && file !== undefined && !filesOf(by, graph).has(file)) return false
  if (target !== undefined)
    return matches(target.kind, kind) && names.some(name => matches(target.name, name))
  return 'object' in content && content.object.ref.kind === kind && names.includes(content.object.ref.name)
}

function matches(pattern: unknown, text: string): boolean {
  if (typeof pattern !== 'string' || pattern === '') return true
  try {
    return new RegExp(`^(?:${pattern})$`).test(text)
  } catch {
    return pattern === text
  }
}

async function patchesIn(one: Kustomization, reading: PatchReading): Promise<readonly Patch[]> {
  const file = reading.files.find(({ path }) => path !== undefined && resolve(path) === one.file)
  const [section] = sectionsOf(file?.text ?? '')
  if (file === undefined || section === undefined) return []
  const root = await reading.reader.read(file.text.slice(section.start, section.end))
  const found: Patch[] = []
  for (const field of fields) {
    const list = childOf(root, field)
    for (const [i, { value }] of list?.type === 'seq' ? list.entries.entries() : []) {
      const patch = patchIn(value, { path: [field, i], file, section, folder: one.folder, reading })
      if (patch === undefined) continue
      const target = value.type === 'scalar' ? undefined : targetIn(value)
      found.push(...(await contentsOf(patch, reading)).map(content => ({ by: one, target, ...content })))
    }
  }
  return found
}

interface ListedPatch {
  readonly path: Path
  readonly file: SourceFile
  readonly section: DocumentSection
  readonly folder: string
  readonly reading: PatchReading
}

/** The text of a patch in a list: in the file that the item names, or in the item itself. */
function patchIn(item: Node, { path, file, section, folder, reading }: ListedPatch): SourceFile | undefined {
  const isText = item.type === 'scalar'
  const named = isText ? item : childOf(item, 'path')
  const beside = named?.type === 'scalar' ? fileAt(resolve(folder, named.text), reading) : undefined
  const scalar = isText ? item : childOf(item, 'patch')
  if (beside !== undefined || scalar?.type !== 'scalar') return beside
  return embeddedFile(file, { scalar, path: isText ? path : [...path, 'patch'], section })
}

const fileAt = (at: string, { files }: PatchReading): SourceFile | undefined =>
  files.find(({ path }) => path !== undefined && resolve(path) === at)

function targetIn(value: Node): PatchTarget | undefined {
  const target = childOf(value, 'target')
  return target?.type === 'map' ? (valueOf(target) as PatchTarget) : undefined
}

function childOf(node: Node, key: string): Node | undefined {
  if (node.type !== 'map') return undefined
  return node.entries.findLast(pair => !isMergeKey(pair.key) && keyText(pair.key) === key)?.value
}

/** What a text holds: objects, or a list of operations. What cannot be read is no patch. */
async function contentsOf(
  file: SourceFile,
  { reader, namespace }: PatchReading,
): Promise<readonly Pick<Patch, 'document' | 'content'>[]> {
  const { objects } = await readTexts([file], { namespace, reader })
  const merges = objects.map(object => ({ document: object.document, content: { object } }))
  const lists = []
  for (const section of sectionsOf(file.text)) {
    const document: ManifestDocument = { file, section, surprises: [] }
    try {
      const operations = valueOf(await reader.read(textOf(document)))
      if (isOperations(operations)) lists.push({ document, content: { operations } })
    } catch (error) {
      if (!(error instanceof SourceProblem)) throw error
    }
  }
  return [...merges, ...lists]
}
