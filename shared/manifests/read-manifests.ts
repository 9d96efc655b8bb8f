import { kindOf, refOf, resources } from '../objects/kinds.ts'
import type { KubeObject } from '../objects/kube-object.ts'
import { readFiles, type Root, type SourceFile } from './files/find-files.ts'
import {
  formatPlace,
  placeOf,
  type ManifestDocument,
  type ManifestObject,
  type Position,
  type Skipped,
} from './manifest.ts'
import { wrongLabelsOf } from './label-texts.ts'
import { offsetOf } from './positions.ts'
import { templateIn, variableIn } from './placeholders.ts'
import { endMarker, sectionsOf, type Section, type SectionReader } from './yaml/documents.ts'
import { SourceProblem, type Node } from './yaml/node.ts'
import { valueOf, type Surprise } from './yaml/value.ts'

/** All that the paths hold. */
export interface Manifests {
  readonly roots: readonly Root[]
  readonly files: readonly SourceFile[]
  readonly objects: readonly ManifestObject[]
  readonly skipped: readonly Skipped[]
  /** Sentences for people about what is read, but not as they may think. */
  readonly notes: readonly string[]
}

export interface ReadOptions {
  readonly paths: readonly string[]
  readonly stdin: string
  readonly namespace: string
  readonly reader: SectionReader
}

/** Reads every manifest under the paths. What cannot be read is told in `skipped` and stops nothing else. */
export async function readManifests({ paths, stdin, namespace, reader }: ReadOptions): Promise<Manifests> {
  const { roots, files, unread } = readFiles(paths, stdin)
  const found: Found = {
    objects: [],
    skipped: unread.map(({ file, reason }) => ({ why: 'broken', file, reason })),
    notes: [],
  }
  for (const file of files) {
    for (const section of sectionsOf(file.text)) {
      const document = new DocumentReader({ file, section, namespace, found })
      if (document.isForeign()) continue
      try {
        // Waits only for what the fast readers leave.
        document.take(reader.readNow(document.text) ?? (await reader.read(document.text)))
      } catch (error) {
        document.skip(error)
      }
    }
  }
  return { roots, files, ...found }
}

interface Found {
  readonly objects: ManifestObject[]
  readonly skipped: Skipped[]
  readonly notes: string[]
}
interface Task {
  readonly file: SourceFile
  readonly section: Section
  readonly namespace: string
  readonly found: Found
}

class DocumentReader {
  readonly text: string
  readonly #task: Task
  #mayHoldTemplates: boolean | undefined
  #root: Node | undefined

  constructor(task: Task) {
    this.#task = task
    this.text = task.file.text.slice(task.section.start, task.section.end)
  }

  /** Whether a glance shows that nothing here is to be read; it is told in `skipped`. */
  isForeign(): boolean {
    const { problem } = this.#task.section
    const other = otherKind(this.text)
    if (problem !== undefined) this.#skipAt(0, { why: 'broken', reason: problem })
    else if (other !== undefined)
      this.#skipAt(0, { why: 'other-kind', reason: `kind ${other} is not read here` })
    return problem !== undefined || other !== undefined
  }

  take(root: Node): void {
    this.#root = root
    const { file, section } = this.#task
    const surprises: Surprise[] = []
    const value = valueOf(root, surprise => surprises.push(surprise))
    if (value === null) return
    const document: ManifestDocument = { file, section, surprises }
    const { kind, items } = value as { readonly kind?: unknown; readonly items?: unknown }
    const isList = typeof kind === 'string' && kind.endsWith('List') && Array.isArray(items)
    const taken = isList
      ? items.map((item: unknown, i) => this.#takeObject(item, document, i))
      : [this.#takeObject(value, document, undefined)]
    if (!taken.includes(true)) return
    this.#task.found.notes.push(
      ...surprises.map(({ offset, message }) => `${formatPlace(this.#placeOf(offset))}: ${message}`),
    )
    const end = section.json ? null : endMarker.exec(this.text)
    const rest = end === null ? -1 : this.text.slice(end.index).search(/(?<=\n)[ ]*[^\s#]/)
    if (rest >= 0)
      this.#task.found.notes.push(
        `${formatPlace(this.#placeOf(end!.index + rest))}: kubectl does not read what follows \`...\`; begin a new document with \`---\``,
      )
  }

  /** Tells what an error says about this document. */
  skip(error: unknown): void {
    if (error instanceof RangeError)
      return this.skip(new SourceProblem(0, 'it is nested too deeply', 'Write it flatter.'))
    if (!(error instanceof SourceProblem)) throw error
    // In braces or brackets YAML cannot read `${NAME}`, and says so at its brace.
    const isTemplate =
      /\{\{/.test(this.text) || /^\$\{[A-Za-z_]/.test(this.text.slice(Math.max(0, error.offset - 1)))
    this.#skipAt(
      error.offset,
      isTemplate
        ? { why: 'template', reason: 'it is a template, not yet YAML; render it first' }
        : { why: 'broken', reason: `${error.message}. ${error.hint}` },
    )
  }

  #takeObject(value: unknown, document: ManifestDocument, item: number | undefined): boolean {
    const { found, namespace } = this.#task
    if (!isTyped(value)) {
      this.#skipAt(0, {
        why: 'other-kind',
        reason: 'it is no Kubernetes object: apiVersion or kind is missing or no text',
      })
      return false
    }
    const fault = faultOf(value)
    const at = (): number => (item === undefined ? Math.max(0, this.text.search(/^[ ]*[^\s#]/m)) : 0)
    if (fault !== undefined) {
      this.#skipAt(at(), { why: 'broken', reason: item === undefined ? fault : `item ${item}: ${fault}` })
      return false
    }
    const object = value as unknown as KubeObject
    const kind = kindOf(object)
    // A glance at the text spares most objects the search.
    const mayHold = (this.#mayHoldTemplates ??= /\{\{|\$[A-Za-z_{]/.test(this.text))
    const template = kind === undefined || !mayHold ? undefined : templateIn(object)
    if (kind === undefined)
      this.#skipAt(at(), { why: 'other-kind', reason: `kind ${object.kind} is not read here` })
    else if (template !== undefined)
      this.#skipAt(at(), {
        why: 'template',
        reason: `${kind} ${object.metadata.name} holds \`${template}\`, which is to be filled in first`,
      })
    if (kind === undefined || template !== undefined) return false
    const variable = mayHold ? variableIn(object) : undefined
    if (variable !== undefined)
      found.notes.push(
        `${formatPlace(this.#placeOf(at()))}: ${kind} ${object.metadata.name} holds \`${variable}\`, which is taken as it stands`,
      )
    for (const { path, value: wrong } of wrongLabelsOf(object)) {
      const offset =
        this.#root === undefined
          ? at()
          : offsetOf(this.#root, item === undefined ? path : ['items', item, ...path])
      found.notes.push(
        `${formatPlace(this.#placeOf(offset))}: ${path.join('.')} of ${kind} ${object.metadata.name} must be text, and ${String(wrong)} is a ${typeof wrong}; quote it`,
      )
    }
    const saysNamespace = (object.metadata.namespace ?? '') !== ''
    const filled =
      saysNamespace || !resources[kind].namespaced
        ? object
        : { ...object, metadata: { ...object.metadata, namespace } }
    found.objects.push({ ref: refOf(filled), object: filled, document, item, saysNamespace })
    return true
  }

  #placeOf(offset: number): Position {
    const { file, section } = this.#task
    return placeOf(file, section.start + offset)
  }

  #skipAt(offset: number, what: Pick<Skipped, 'why' | 'reason'>): void {
    // Lines are worth counting only where somebody will look.
    const place = what.why === 'other-kind' ? { file: this.#task.file.name } : this.#placeOf(offset)
    this.#task.found.skipped.push({ ...place, ...what })
  }
}

interface Typed {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata?: unknown
}

function isTyped(value: unknown): value is Typed {
  if (typeof value !== 'object' || value === null) return false
  const { apiVersion, kind } = value as { readonly apiVersion?: unknown; readonly kind?: unknown }
  return typeof apiVersion === 'string' && typeof kind === 'string'
}

/** Why an object of a kind of ours cannot be one. */
function faultOf({ apiVersion, kind, metadata }: Typed): string | undefined {
  if (kindOf({ apiVersion, kind }) === undefined) return undefined
  const { name, namespace } = (metadata ?? {}) as { readonly name?: unknown; readonly namespace?: unknown }
  if (typeof name !== 'string' || name === '') return `${kind}: metadata.name is missing or no text`
  return typeof (namespace ?? '') === 'string' ? undefined : `${kind} ${name}: metadata.namespace is no text`
}

/** The kind of a document that a glance tells to be none of ours. */
function otherKind(text: string): string | undefined {
  const kinds = [...text.matchAll(/^kind:[ ]+["']?(\w+)["']?[ ]*(?:#.*)?\r?$/gm)]
  const versions = [...text.matchAll(/^apiVersion:[ ]+["']?([\w./-]+)["']?[ ]*(?:#.*)?\r?$/gm)]
  const [kind, apiVersion] = [kinds[0]?.[1], versions[0]?.[1]]
  if (kinds.length !== 1 || versions.length !== 1 || kind === undefined || kind.endsWith('List'))
    return undefined
  return kindOf({ apiVersion, kind }) === undefined ? kind : undefined
}
