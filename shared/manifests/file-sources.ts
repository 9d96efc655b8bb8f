import { keyOf, type Ref } from '../objects/kube-object.ts'
import { valueAt, type Path } from '../objects/paths.ts'
import { isDeepEqual } from './edit/equal.ts'
import { operationAt } from './kustomize/operations/operation-at.ts'
import type { Position, Skipped, Sources, TemplatePlace, Unfilled } from '../view/sources.ts'
import type { SourceFile } from './files/find-files.ts'
import { templateOf } from './files/template-source.ts'
import { linesBetween, placeOf, textOf, type ManifestDocument, type ManifestObject } from './manifest.ts'
import { commentsAbout, offsetOf } from './positions.ts'
import type { Manifests } from './read-manifests.ts'
import { sectionsOf, type SectionReader } from './yaml/documents.ts'
import type { Node } from './yaml/node.ts'

/** Where the objects of one reading are written. */
export class FileSources implements Sources {
  readonly #manifests: Manifests
  readonly #reader: SectionReader
  readonly #byKey: ReadonlyMap<string, readonly ManifestObject[]>
  /** Made when somebody asks. */
  #order: ReadonlyMap<string, number> | undefined
  readonly #sections = new WeakMap<SourceFile, ReturnType<typeof sectionsOf>>()
  /** Documents that somebody asked positions in. */
  readonly #roots = new WeakMap<ManifestDocument, Node>()

  constructor(manifests: Manifests, reader: SectionReader) {
    this.#manifests = manifests
    this.#reader = reader
    this.#byKey = Map.groupBy(manifests.objects, ({ ref }) => keyOf(ref))
  }

  get count(): number {
    return this.#manifests.objects.length
  }

  get skipped(): readonly Skipped[] {
    return this.#manifests.skipped
  }

  get unusable(): Sources['unusable'] {
    return this.#manifests.objects.flatMap(({ ref, nullItem }) =>
      nullItem === undefined ? [] : [{ ref, path: nullItem }],
    )
  }

  get unquoted(): Sources['unquoted'] {
    return this.#manifests.objects.flatMap(({ ref, unquoted = [] }) =>
      unquoted.map(text => ({ ref, ...text })),
    )
  }

  get unfilled(): readonly Unfilled[] {
    return this.#manifests.objects.filter(({ placeholders }) => placeholders.length > 0)
  }

  /** Objects that are defined several times, by their key. */
  get repeated(): readonly (readonly [string, readonly ManifestObject[]])[] {
    return [...this.#byKey].filter(([, objects]) => objects.length > 1)
  }

  positionOf(ref: Ref, path: Path): Position | undefined {
    const found = this.#find(ref)
    if (found === undefined) return undefined
    const { holder, at } = holderOf(found, path)
    return placeOf(holder.document.file, holder.document.section.start + this.#offsetOf(holder, at))
  }

  precedes(one: Ref, other: Ref): boolean {
    this.#order ??= new Map(this.#manifests.objects.map(({ ref }, i) => [keyOf(ref), i]))
    return (this.#order.get(keyOf(one)) ?? Infinity) < (this.#order.get(keyOf(other)) ?? -1)
  }

  commentsAt(ref: Ref, path: Path): readonly string[] {
    const object = this.#find(ref)
    return object === undefined ? [] : commentsAbout(textOf(object.document), this.#offsetOf(object, path))
  }

  templateOf({ file, line }: Pick<Position, 'file' | 'line'>): TemplatePlace | undefined {
    const found = this.#manifests.files.find(({ name }) => name === file)
    if (found === undefined) return undefined
    // Asked once for each finding: a large file must not be searched each time.
    const sections =
      this.#sections.get(found) ?? (found.text.includes('# Source: ') ? sectionsOf(found.text) : [])
    this.#sections.set(found, sections)
    const section = sections.findLast(({ start }) => placeOf(found, start).line <= line)
    if (section === undefined) return undefined
    const first = placeOf(found, section.start).line
    const lines = found.text.slice(section.start, section.end).split(/\r?\n/)
    return line - first < lines.length ? templateOf({ lines, at: line - first }) : undefined
  }

  linesOf(file: string, { from, to }: { readonly from: number; readonly to: number }): readonly string[] {
    const found = this.#manifests.files.find(({ name }) => name === file)
    return found === undefined ? [] : linesBetween(found, from, to)
  }

  #find(ref: Ref): ManifestObject | undefined {
    return this.#byKey.get(keyOf(ref))?.at(-1)
  }

  #offsetOf({ document, item }: FieldHolder, path: Path): number {
    const root = this.#roots.get(document) ?? this.#reader.readNow(textOf(document))!
    this.#roots.set(document, root)
    return offsetOf(root, item === undefined ? path : ['items', item, ...path])
  }
}

/** A document that says a field, or an item of its list of objects. */
type FieldHolder = Pick<ManifestObject, 'document' | 'item'>

/** Of a built object, the patch that says a field and where in it; the object itself where none does. */
function holderOf(object: ManifestObject, path: Path): { readonly holder: FieldHolder; readonly at: Path } {
  const value = valueAt(object.object, path)
  for (const patch of path.length === 0 ? [] : (object.patches ?? []).toReversed()) {
    if ('operations' in patch) {
      const at = operationAt(patch.operations, object.object, path)
      if (at !== undefined) return { holder: { document: patch.document, item: undefined }, at }
    } else if (value !== undefined && isDeepEqual(valueAt(patch.object.object, path), value))
      return { holder: patch.object, at: path }
  }
  return { holder: object, at: path }
}
