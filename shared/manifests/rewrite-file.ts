import { CanaryError } from '../objects/canary-error.ts'
import { isDeepEqual } from './edit/equal.ts'
import { apiOrder, headOf, printedDocument, type Addition } from './edit/new-document.ts'
import type { Plain } from './edit/plain.ts'
import { withValue } from './edit/with-value.ts'
import type { SourceFile } from './files/find-files.ts'
import { placeOf, textOf, type ManifestDocument, type ManifestObject } from './manifest.ts'
import { sectionsOf, type DocumentSection, type SectionReader } from './yaml/documents.ts'
import { SourceProblem } from './yaml/node.ts'
import { valueOf } from './yaml/value.ts'

/** What happens in one file. */
export interface FileEdit {
  readonly name: string
  /** Undefined for a new one. */
  readonly file: SourceFile | undefined
  /** Per document the new value of each object, by its index in a `List`; an undefined value removes it. */
  readonly replaced: Map<ManifestDocument, Map<number | undefined, Plain | undefined>>
  readonly added: { readonly value: Plain; readonly like: ManifestObject | undefined }[]
}

/**
 * The file's new text; undefined where nothing is left of it. Read again and compared before it is given
 * back.
 */
export async function rewriteFile(edit: FileEdit, reader: SectionReader): Promise<string | undefined> {
  const text = edit.file?.text ?? ''
  const placed = placedAdditions(edit)
  const pieces: Piece[] = []
  for (const section of sectionsOf(text)) {
    const isFirst = pieces.length === 0
    pieces.push(await pieceOf(section, { edit, text, isFirst, placed, reader }))
  }
  const kept = pieces.flatMap(piece => (piece.text === undefined ? [] : [...(piece.ahead ?? []), piece]))
  let result = joined(text, pieces)
  const wanted: unknown[] = kept.map(piece => (piece.isSame ? undefined : piece.value))
  for (const { value, like } of placed.behind) {
    result = await appended(result, { value, model: like && textOf(like.document), reader })
    wanted.push(value)
  }
  await verify(result, { name: edit.name, wanted, kept, reader })
  return edit.file?.path !== undefined && wanted.length === 0 && !/^(?!---)[ \t]*[^\s#]/m.test(result)
    ? undefined
    : result
}

interface PlacedAdditions {
  /** The first edited VirtualService of the file. */
  readonly first: Pick<ManifestObject, 'document' | 'item'> | undefined
  /** What it needs, and what comes at the end of the file. */
  readonly ahead: FileEdit['added']
  readonly behind: FileEdit['added']
}

const kindOf = (value: Plain | undefined): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, 'kind') : undefined

/** A DestinationRule is applied before the route that uses its subsets. */
function placedAdditions({ replaced, added }: FileEdit): PlacedAdditions {
  const [first] = [...replaced]
    .flatMap(([document, items]) =>
      [...items].flatMap(([item, value]) => (kindOf(value) === 'VirtualService' ? [{ document, item }] : [])),
    )
    .toSorted((a, b) => a.document.section.start - b.document.section.start || (a.item ?? 0) - (b.item ?? 0))
  const isAhead = ({ value }: FileEdit['added'][number]): boolean =>
    first !== undefined && kindOf(value) === 'DestinationRule'
  return { first, ahead: added.filter(isAhead), behind: added.filter(one => !isAhead(one)) }
}

interface Piece {
  readonly section: DocumentSection
  /** Undefined when the document goes. */
  readonly text: string | undefined
  readonly isSame: boolean
  readonly value?: Plain
  /** New documents that the text has before this one. */
  readonly ahead?: readonly Piece[]
}

interface PieceEdit {
  readonly edit: FileEdit
  readonly text: string
  readonly isFirst: boolean
  readonly placed: PlacedAdditions
  readonly reader: SectionReader
}

/** A document of the file after the edit, with the new ones that go before it. */
async function pieceOf(
  section: DocumentSection,
  { edit, text, isFirst, placed: { first, ahead }, reader }: PieceEdit,
): Promise<Piece> {
  const [document, items] =
    [...edit.replaced].find(([one]) => one.section.start === section.start) ?? ([] as const)
  if (document === undefined || items === undefined)
    return { section, text: text.slice(section.start, section.end), isSame: true }
  if (first?.document !== document || ahead.length === 0) return editDocument(document, { items }, reader)
  const { item } = first
  if (item === undefined)
    return withAhead(editDocument(document, { items }, reader), { additions: ahead, reader, isFirst })
  const values = ahead.map(({ value }) => apiOrder(value))
  return editDocument(document, { items, inserted: { at: item, values } }, reader)
}

interface DocumentEdit {
  readonly items: ReadonlyMap<number | undefined, Plain | undefined>
  /** New items of a `List` before one of its items. */
  readonly inserted?: { readonly at: number; readonly values: readonly Plain[] }
}

function editDocument(
  document: ManifestDocument,
  { items, inserted }: DocumentEdit,
  reader: SectionReader,
): Piece {
  const { section, file } = document
  const text = textOf(document)
  const root = reader.readNow(text)!
  const whole = items.has(undefined)
  if (whole && items.get(undefined) === undefined) return { section, text: undefined, isSame: false }
  const before = valueOf(root) as { readonly [key: string]: Plain }
  const list = (before['items'] ?? []) as readonly Plain[]
  const changed = (item: Plain, i: number): Plain | undefined => (items.has(i) ? items.get(i) : item)
  const value = whole
    ? items.get(undefined)!
    : {
        ...before,
        items: list
          .flatMap((item, i) => [...(i === inserted?.at ? inserted.values : []), changed(item, i)])
          .filter(item => item !== undefined),
      }
  try {
    return { section, text: withValue(text, root, value), isSame: false, value }
  } catch (error) {
    if (!(error instanceof SourceProblem)) throw error
    const { line, column } = placeOf(file, section.start + error.offset)
    throw new CanaryError('unreadable', `${file.name}:${line}:${column}: not edited: ${error.message}`, {
      hints: [error.hint],
    })
  }
}

/** The file with its documents' new texts. A document that goes takes one separator line along. */
function joined(text: string, pieces: readonly Piece[]): string {
  let result = ''
  let at = 0
  for (const [i, { section, text: piece }] of pieces.entries()) {
    const between = text.slice(at, section.start)
    at = section.end
    if (piece !== undefined) {
      result += between + piece
      continue
    }
    const isLast = i === pieces.length - 1
    result += keptBefore(between, { text, section, isFirst: i === 0, isLast })
    if (isLast && at === text.length && !text.endsWith('\n')) result = result.replace(/\r?\n$/, '')
    // The separator after the document goes, and the one before it stays.
    if (!isLast && !section.json) at = text.indexOf('\n', section.end) + 1
    if (section.json) at += /^\s*/.exec(text.slice(at))![0].length
  }
  return result + text.slice(at)
}

/** What stays of the text before a document that goes: the comments of the file, and not its separator at the end. */
function keptBefore(
  between: string,
  {
    text,
    section,
    isFirst,
    isLast,
  }: Pick<PieceEdit, 'text' | 'isFirst'> & { readonly section: DocumentSection; readonly isLast: boolean },
): string {
  if (section.json) return between
  if (isLast) return between.slice(0, Math.max(0, between.lastIndexOf('---')))
  return isFirst ? between + headOf(text.slice(section.start, section.end)) : between
}

/** The document with new ones before it, behind the comments at the beginning of the file. */
async function withAhead(
  piece: Piece,
  {
    additions,
    reader,
    isFirst,
  }: Pick<Addition, 'reader'> & { readonly additions: FileEdit['added']; readonly isFirst: boolean },
): Promise<Piece> {
  const { section, text = '' } = piece
  const head = isFirst && !section.json ? headOf(text) : ''
  const ahead = additions.map(({ value }): Piece => ({ section, text: '', isSame: false, value }))
  let before = ''
  for (const { value, like } of additions) {
    if (section.json) before += `${JSON.stringify(apiOrder(value), null, 2)}\n`
    else {
      const model = like && textOf(like.document)
      const { printed, lineBreak } = await printedDocument({ value, model, reader })
      before += `${printed}---${lineBreak}`
    }
  }
  return { ...piece, text: head + before + text.slice(head.length), ahead }
}

async function appended(text: string, addition: Addition): Promise<string> {
  const sections = sectionsOf(text)
  if (sections.at(-1)?.json === true)
    return `${text.replace(/\s*$/, '\n')}${JSON.stringify(apiOrder(addition.value), null, 2)}${text.endsWith('\n') ? '\n' : ''}`
  const { printed, lineBreak } = await printedDocument(addition)
  if (sections.length === 0) return text + printed
  const separator = `---${lineBreak}`
  return text.endsWith('\n')
    ? text + separator + printed
    : text + lineBreak + separator + printed.slice(0, -lineBreak.length)
}

interface Expected {
  readonly name: string
  /** The value of each document; undefined where its text must be what it was. */
  readonly wanted: readonly unknown[]
  readonly kept: readonly Piece[]
  readonly reader: SectionReader
}

/** The safety net under all the splicing: what was made is read again, and must be exactly what was meant. */
async function verify(text: string, { name, wanted, kept, reader }: Expected): Promise<void> {
  const sections = sectionsOf(text)
  const failed = (): CanaryError =>
    new CanaryError(
      'failed',
      `${name}: the edited file would not contain the intended change, so nothing was written`,
      {
        hints: [
          'Please report this with the file. Meanwhile make the edit by hand; --dry-run=client -o yaml shows the object.',
        ],
      },
    )
  if (sections.length !== wanted.length) throw failed()
  for (const [i, section] of sections.entries()) {
    const piece = text.slice(section.start, section.end)
    if (wanted[i] === undefined && piece.trim() === kept[i]!.text!.trim()) continue
    let isEqual: boolean
    try {
      isEqual = isDeepEqual(valueOf(await reader.read(piece)), wanted[i])
    } catch {
      isEqual = false
    }
    if (!isEqual) throw failed()
  }
}
