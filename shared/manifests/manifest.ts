import type { KubeObject, Ref } from '../objects/kube-object.ts'
import type { Path } from '../objects/paths.ts'
import type { Placeholder, Position, UnquotedText } from '../view/sources.ts'
import type { SourceFile } from './files/find-files.ts'
import type { DocumentSection } from './yaml/documents.ts'
import type { Surprise } from './yaml/value.ts'

/** One document that holds objects of kinds that we read. */
export interface ManifestDocument {
  readonly file: SourceFile
  readonly section: DocumentSection
  /** Duplicate keys, and scalars that are read in two ways; offsets in the section. */
  readonly surprises: readonly Surprise[]
}

/** An object and where it stands. */
export interface ManifestObject {
  readonly ref: Ref
  /** As the cluster would have it: the namespace is filled in. */
  readonly object: KubeObject
  readonly document: ManifestDocument
  /** Its index in a `List`; undefined for a document of its own. */
  readonly item: number | undefined
  /** Whether the file itself says the namespace. */
  readonly saysNamespace: boolean
  /** The folder of the kustomization that was built to make it; left out for an object as its file has it. */
  readonly build?: string
  /** For a built object: what its file has, undefined for one that a generator made. */
  readonly source?: ManifestObject | undefined
  /** For a built object: what changes it on the way, the last one last. */
  readonly patches?: readonly ManifestPatch[]
  /** Its first list item that is null, which no API server takes. */
  readonly nullItem?: Path
  /** Its labels, annotations and selector values that are no texts. */
  readonly unquoted?: readonly UnquotedText[]
  /** Its fields that are still to be filled in. */
  readonly placeholders: readonly Placeholder[]
}

/** A patch of a kustomization: fields of an object, or a list of JSON 6902 operations. */
export type ManifestPatch = Pick<ManifestObject, 'document'>
  & ({ readonly object: ManifestObject } | { readonly operations: readonly unknown[] })

/** The text of a document. */
export const textOf = ({ file, section }: ManifestDocument): string =>
  file.text.slice(section.start, section.end)

const lineStarts = new WeakMap<SourceFile, readonly number[]>()

function lineStartsOf(file: SourceFile): readonly number[] {
  const known = lineStarts.get(file)
  if (known !== undefined) return known
  const starts = [0]
  for (let at = file.text.indexOf('\n'); at >= 0; at = file.text.indexOf('\n', at + 1)) starts.push(at + 1)
  lineStarts.set(file, starts)
  return starts
}

/** The place of an offset in a file; looks lines up in an index that each file gets once. */
export function placeOf(file: SourceFile, offset: number): Position {
  if (file.within !== undefined) return placeOf(file.within.file, file.within.offsetOf(offset))
  const starts = lineStartsOf(file)
  let [low, high] = [0, starts.length - 1]
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (starts[middle]! <= offset) low = middle
    else high = middle - 1
  }
  return { file: file.name, line: low + 1, column: offset - starts[low]! + 1 }
}

/** Lines of a file without their line breaks, counted from 1, both ends included. */
export function linesBetween(file: SourceFile, from: number, to: number): readonly string[] {
  const starts = lineStartsOf(file)
  const first = Math.max(1, from)
  return starts
    .slice(first - 1, to)
    .map((start, i) => file.text.slice(start, starts[first + i]).replace(/\r?\n$/, ''))
}
