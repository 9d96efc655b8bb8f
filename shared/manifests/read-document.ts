import { formatKind, kindOf, refOf, resources } from '../objects/kinds.ts'
import type { KubeObject } from '../objects/kube-object.ts'
import type { SourceFile } from './files/find-files.ts'
import { isKustomized } from './kustomize/kustomization.ts'
import { placeOf, type ManifestDocument, type ManifestObject } from './manifest.ts'
import { formatPosition, type Position, type Skipped } from '../view/sources.ts'
import { unquotedTextsIn } from './unquoted-texts.ts'
import { offsetOf } from './positions.ts'
import { mayHoldPlaceholders } from '../objects/content/placeholders.ts'
import { placeholdersIn, templateIn } from './placeholders.ts'
import { endMarker, type DocumentSection } from './yaml/documents.ts'
import { nullItemIn } from './null-items.ts'
import { withoutNulls } from '../view/without-nulls.ts'
import { SourceProblem, type Node } from './yaml/node.ts'
import { valueOf, type Surprise } from './yaml/value.ts'

/** What the documents hold, in the order in which they are read. */
export interface Found {
  readonly objects: ManifestObject[]
  readonly skipped: Skipped[]
  readonly notes: string[]
}
type Obstacle = Pick<Skipped, 'why' | 'reason' | 'fix' | 'kind'>
interface Task {
  readonly file: SourceFile
  readonly section: DocumentSection
  readonly namespace: string
  readonly found: Found
}

/** The place of an object in a `List`. */
interface ListItem {
  readonly index: number
  readonly root: Node
}

/** Reads the objects of one document into what was found. */
export class DocumentReader {
  readonly text: string
  readonly #task: Task

  constructor(task: Task) {
    this.#task = task
    this.text = task.file.text.slice(task.section.start, task.section.end)
  }

  /** Whether a glance shows that nothing here is to be read; it is told in `skipped`. */
  isForeign(): boolean {
    const { problem } = this.#task.section
    const other = otherKind(this.text)
    if (problem !== undefined && this.#isData())
      this.#skipAt(0, { why: 'other-kind', reason: 'it has neither apiVersion nor kind' })
    else if (problem !== undefined) this.#skipAt(0, { why: 'broken', reason: problem })
    else if (other !== undefined) this.#skipAt(0, { why: 'other-kind', reason: `kind ${other} is not read` })
    return problem !== undefined || other !== undefined
  }

  take(root: Node): void {
    const { file, section } = this.#task
    const surprises: Surprise[] = []
    const value = valueOf(root, surprise => surprises.push(surprise))
    if (value === null) return
    const document: ManifestDocument = { file, section, surprises }
    const { kind, items } = value as { readonly kind?: unknown; readonly items?: unknown }
    const isList = typeof kind === 'string' && kind.endsWith('List') && Array.isArray(items)
    const taken = isList
      ? items.map((item: unknown, i) => this.#takeObject(item, document, { index: i, root }))
      : [this.#takeObject(value, document, undefined)]
    if (!taken.includes(true)) return
    for (const { offset, message } of surprises) this.#note(offset, message)
    const end = section.json ? null : endMarker.exec(this.text)
    const rest = end === null ? -1 : this.text.slice(end.index).search(/(?<=\n)[ ]*[^\s#]/)
    if (rest >= 0)
      this.#note(
        end!.index + rest,
        'kubectl does not read what follows `...`; begin a new document with `---`',
      )
  }

  /** Tells what an error says about this document. */
  skip(error: unknown): void {
    if (error instanceof RangeError)
      return this.skip(new SourceProblem(0, 'it is nested too deeply', 'Reduce the nesting.'))
    if (!(error instanceof SourceProblem)) throw error
    // In braces or brackets YAML cannot read `${NAME}`, and says so at its brace.
    const isTemplate =
      /\{\{|\{%|<%/.test(this.text) || /^\$\{[A-Za-z_]/.test(this.text.slice(Math.max(0, error.offset - 1)))
    if (isTemplate)
      this.#skipAt(error.offset, {
        why: 'template',
        reason: 'it is a template; render it first',
        kind: /^kind:\s*["']?(\w+)/m.exec(this.text)?.[1] ?? '',
      })
    else if (this.#isData())
      this.#skipAt(error.offset, {
        why: 'other-kind',
        reason: 'it cannot be read, and has neither apiVersion nor kind',
      })
    else this.#skipAt(error.offset, { why: 'broken', reason: error.message, fix: error.hint })
  }

  /**
   * Whether the file came along with its folder and nothing in it looks like a manifest: data of other software. Beside
   * a kustomization it may be a patch, which has no kind.
   */
  #isData(): boolean {
    const { file } = this.#task
    return file.root.kind === 'folder' && !manifestKey.test(file.text) && !isKustomized(file)
  }

  /** Whether the value is an object that is read, which is then among those found. */
  #takeObject(value: unknown, document: ManifestDocument, listed: ListItem | undefined): boolean {
    const item = listed?.index
    const obstacle = this.#obstacleTo(value, item)
    if (obstacle !== undefined) {
      const start =
        listed === undefined
          ? Math.max(0, this.text.search(/^[ ]*[^\s#]/m))
          : offsetOf(listed.root, ['items', listed.index])
      this.#skipAt(start, obstacle)
      return false
    }
    const object = withoutNulls(value) as KubeObject
    const kind = kindOf(object)!
    const saysNamespace = (object.metadata.namespace ?? '') !== ''
    const filled =
      saysNamespace || !resources[kind].namespaced
        ? object
        : { ...object, metadata: { ...object.metadata, namespace: this.#task.namespace } }
    const placeholders = mayHoldPlaceholders(this.text)
      ? placeholdersIn(object, this.text.includes('PLACEHOLDER') && isKustomized(this.#task.file))
      : []
    const nullItem = /null|~|[-,[]\s*[\n,\]]/i.test(this.text) ? nullItemIn(object, kind) : undefined
    const unquoted = unquotedTextsIn(object)
    this.#task.found.objects.push({
      ...(nullItem === undefined ? {} : { nullItem }),
      ...(unquoted.length === 0 ? {} : { unquoted }),
      ref: refOf(filled),
      object: filled,
      document,
      item,
      saysNamespace,
      placeholders,
    })
    return true
  }

  /** Why a value is not an object that is read, if it is none. */
  #obstacleTo(value: unknown, item: number | undefined): Obstacle | undefined {
    if (!isTyped(value))
      return {
        why: 'other-kind',
        reason: 'it is not a Kubernetes object: apiVersion or kind is missing or not a string',
      }
    const fault = faultOf(value)
    if (fault !== undefined)
      return { why: 'broken', reason: item === undefined ? fault : `item ${item}: ${fault}` }
    if (kindOf(value) === undefined)
      return { why: 'other-kind', reason: `kind ${formatKind(value)} is not read` }
    const object = value as unknown as KubeObject
    const template = this.text.includes('{{') ? templateIn(object) : undefined
    if (template === undefined) return undefined
    return {
      why: 'template',
      kind: value.kind,
      reason: `${value.kind} ${object.metadata.name} contains \`${template}\`, which must be replaced first`,
    }
  }

  #note(offset: number, message: string): void {
    this.#task.found.notes.push(`${formatPosition(this.#placeOf(offset))}: ${message}`)
  }

  #placeOf(offset: number): Position {
    const { file, section } = this.#task
    return placeOf(file, section.start + offset)
  }

  #skipAt(offset: number, what: Obstacle): void {
    // Lines are worth counting only where somebody will look.
    const place = what.why === 'other-kind' ? { file: this.#task.file.name } : this.#placeOf(offset)
    this.#task.found.skipped.push({ ...place, ...what })
  }
}

/** A key that a manifest has, at the beginning of a line of YAML or anywhere in JSON. */
const manifestKey = /^[ \t]*(?:[-{][ \t]*)*["']?(?:apiVersion|kind)["']?[ \t]*:|"(?:apiVersion|kind)"\s*:/m

interface TypedValue {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata?: unknown
}

function isTyped(value: unknown): value is TypedValue {
  if (typeof value !== 'object' || value === null) return false
  const { apiVersion, kind } = value as { readonly apiVersion?: unknown; readonly kind?: unknown }
  return typeof apiVersion === 'string' && typeof kind === 'string'
}

/** Why an object of a kind of ours cannot be one. */
function faultOf({ apiVersion, kind, metadata }: TypedValue): string | undefined {
  if (kindOf({ apiVersion, kind }) === undefined) return undefined
  const { name, namespace } = (metadata ?? {}) as { readonly name?: unknown; readonly namespace?: unknown }
  if (typeof name !== 'string' || name === '') return `${kind}: metadata.name is missing or not a string`
  return typeof (namespace ?? '') === 'string'
    ? undefined
    : `${kind} ${name}: metadata.namespace is not a string`
}

/** The kind of a document that a glance tells to be none of ours. */
function otherKind(text: string): string | undefined {
  const kinds = [...text.matchAll(/^kind:[ ]+["']?(\w+)["']?[ ]*(?:#.*)?\r?$/gm)]
  const versions = [...text.matchAll(/^apiVersion:[ ]+["']?([\w./-]+)["']?[ ]*(?:#.*)?\r?$/gm)]
  const [kind, apiVersion] = [kinds[0]?.[1], versions[0]?.[1]]
  if (kinds.length !== 1 || versions.length !== 1 || kind === undefined || kind.endsWith('List'))
    return undefined
  if (apiVersion === undefined || kindOf({ apiVersion, kind }) !== undefined) return undefined
  // What has a pod template is a workload, whatever its kind; the schemas of others only mention them.
  const mayMakePods = kind !== 'CustomResourceDefinition' && /\b(?:template|containers)\b/.test(text)
  return mayMakePods ? undefined : formatKind({ apiVersion, kind })
}
