import { readdirSync, readFileSync, type Dirent } from 'node:fs'
import { join } from 'node:path'
import { fieldsOf, itemsOf, textOf } from '../../objects/unchecked.ts'
import { formatPosition } from '../../view/sources.ts'
import type { SourceFile } from '../files/find-files.ts'
import { shownPath } from '../kustomize/built.ts'
import type { ReadYaml } from '../kustomize/kustomization.ts'
import { placeOf } from '../manifest.ts'
import { offsetOf } from '../positions.ts'
import { sectionsOf, type DocumentSection, type SectionReader } from '../yaml/documents.ts'
import { SourceProblem, type Node } from '../yaml/node.ts'
import { valueOf } from '../yaml/value.ts'

type Fields = Readonly<Record<string, unknown>>

/** A patch that Argo CD or Flux applies to what it builds of a folder. */
export interface OuterPatch {
  /** `Kustomization flux-system/catalog of Flux` */
  readonly owner: string
  /** Where it is written. */
  readonly at: string
  /** The folder that it is for, as its tool names it: from the root of the repository. */
  readonly folder: string
  readonly target: Fields | undefined
  /** Fields of an object, or operations. */
  readonly content: unknown
}

/** So many folders and files are looked into at most, the nearest to the root first: each takes 15 µs of an edit. */
const most = 400
const mostBytes = 200_000

const isOfTool = /^\s*apiVersion:\s*["']?(?:argoproj\.io|kustomize\.toolkit\.fluxcd\.io)\//m

/** The patches in the Applications of Argo CD and the Kustomizations of Flux below a folder. */
export async function outerPatches(area: string, reader: SectionReader): Promise<readonly OuterPatch[]> {
  const found: OuterPatch[] = []
  for (const file of filesOfTools(area))
    for (const section of sectionsOf(file.text)) {
      const root = await read(file, section, reader)
      if (root !== undefined) found.push(...(await patchesIn(root, { file, section, reader })))
    }
  return found
}

/** The files with an object of these tools that has patches. */
function* filesOfTools(area: string): Generator<SourceFile> {
  const waiting = [area]
  for (let looked = 0; waiting.length > 0 && looked < most; looked++) {
    const folder = waiting.shift()!
    const entries = entriesOf(folder)
    waiting.push(...entries.filter(isSearched).map(({ name }) => join(folder, name)))
    const files = entries.filter(entry => entry.isFile() && /\.ya?ml$/.test(entry.name))
    looked += files.length
    for (const { name } of files) {
      const path = join(folder, name)
      const bytes = bytesAt(path)
      if (bytes.length > mostBytes || !bytes.includes('patches')) continue
      const text = bytes.toString()
      if (isOfTool.test(text)) yield { name: shownPath(path), path, text, root: { kind: 'file', path } }
    }
  }
}

/** Folders of code, which have no objects of these tools. */
const ofCode: ReadonlySet<string> = new Set(['node_modules', 'vendor', 'src', 'test', 'tests', 'testdata'])

const isSearched = (entry: Dirent): boolean =>
  entry.isDirectory() && !entry.name.startsWith('.') && !ofCode.has(entry.name)

/** What cannot be read patches nothing. */
function entriesOf(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch {
    return []
  }
}

function bytesAt(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch {
    return Buffer.alloc(0)
  }
}

interface ToolDocument {
  readonly file: SourceFile
  readonly section: DocumentSection
  readonly reader: SectionReader
}

async function read(
  { text }: SourceFile,
  { start, end }: DocumentSection,
  reader: SectionReader,
): Promise<Node | undefined> {
  const own = text.slice(start, end)
  if (!isOfTool.test(own)) return undefined
  try {
    return await reader.read(own)
  } catch (error) {
    if (error instanceof SourceProblem) return undefined
    throw error
  }
}

/** A list of patches, where it is and what it is for. */
interface Patching {
  readonly tool: string
  readonly folder: unknown
  readonly patches: unknown
  readonly path: readonly (string | number)[]
}

async function patchesIn(
  root: Node,
  { file, section, reader }: ToolDocument,
): Promise<readonly OuterPatch[]> {
  const object = fieldsOf(valueOf(root))
  const { name, namespace } = fieldsOf(object['metadata'])
  const owner = `${textOf(object['kind']) ?? ''} ${[namespace, name].flatMap(text => textOf(text) ?? []).join('/')}`
  const found: OuterPatch[] = []
  for (const { tool, folder, patches, path } of patchingIn(object))
    for (const [i, item] of itemsOf(patches).map(fieldsOf).entries()) {
      const content = await contentOf(item['patch'], text => reader.read(text).then(node => valueOf(node)))
      if (content === undefined) continue
      const at = formatPosition(placeOf(file, section.start + offsetOf(root, [...path, i])))
      const target = item['target'] === undefined ? undefined : fieldsOf(item['target'])
      found.push({ owner: `${owner} of ${tool}`, at, folder: textOf(folder) ?? '.', target, content })
    }
  return found
}

/**
 * https://fluxcd.io/flux/components/kustomize/kustomizations/#patches and
 * https://argo-cd.readthedocs.io/en/stable/user-guide/kustomize/#patches
 */
function patchingIn(object: Fields): readonly Patching[] {
  const spec = fieldsOf(object['spec'])
  if (object['kind'] === 'Kustomization')
    return [{ tool: 'Flux', folder: spec['path'], patches: spec['patches'], path: ['spec', 'patches'] }]
  const [own, above] =
    object['kind'] === 'ApplicationSet'
      ? [fieldsOf(fieldsOf(spec['template'])['spec']), ['spec', 'template', 'spec']]
      : [spec, ['spec']]
  const sources = [
    { source: own['source'], path: [...above, 'source'] },
    ...itemsOf(own['sources']).map((source, i) => ({ source, path: [...above, 'sources', i] })),
  ]
  return sources.map(({ source, path }) => ({
    tool: 'Argo CD',
    folder: fieldsOf(source)['path'],
    patches: fieldsOf(fieldsOf(source)['kustomize'])['patches'],
    path: [...path, 'kustomize', 'patches'],
  }))
}

async function contentOf(patch: unknown, parse: ReadYaml): Promise<unknown> {
  try {
    return typeof patch === 'string' ? await parse(patch) : undefined
  } catch (error) {
    if (error instanceof SourceProblem) return undefined
    throw error
  }
}
