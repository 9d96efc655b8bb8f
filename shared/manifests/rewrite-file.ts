import { CanaryError } from '../objects/canary-error.ts'
import { isDeepEqual } from './edit/equal.ts'
import type { Plain } from './edit/plain.ts'
import { printBlock } from './edit/print.ts'
import { styleOf, type Style } from './edit/style.ts'
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
  const sections = sectionsOf(text)
  const pieces = sections.map((section): Piece => {
    const document = [...edit.replaced.keys()].find(one => one.section.start === section.start)
    if (document === undefined) return { section, text: text.slice(section.start, section.end), isSame: true }
    return editDocument(document, edit.replaced.get(document)!, reader)
  })
  const kept = pieces.filter(piece => piece.text !== undefined)
  let result = joined(text, pieces)
  const wanted: unknown[] = kept.map(piece => (piece.isSame ? undefined : piece.value))
  for (const { value, like } of edit.added) {
    result = await appended(result, { value, like, reader })
    wanted.push(value)
  }
  await verify(result, { name: edit.name, wanted, kept, reader })
  return edit.file?.path !== undefined && wanted.length === 0 && !/^(?!---)[ \t]*[^\s#]/m.test(result)
    ? undefined
    : result
}

interface Piece {
  readonly section: DocumentSection
  /** Undefined when the document goes. */
  readonly text: string | undefined
  readonly isSame: boolean
  readonly value?: Plain
}

function editDocument(
  document: ManifestDocument,
  items: ReadonlyMap<number | undefined, Plain | undefined>,
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
    : { ...before, items: list.map(changed).filter(item => item !== undefined) }
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
    result += isLast && !section.json ? between.slice(0, Math.max(0, between.lastIndexOf('---'))) : between
    if (isLast && at === text.length && !text.endsWith('\n')) result = result.replace(/\r?\n$/, '')
    // The separator after the document goes, and the one before it stays.
    if (!isLast && !section.json) at = text.indexOf('\n', section.end) + 1
    if (section.json) at += /^\s*/.exec(text.slice(at))![0].length
  }
  return result + text.slice(at)
}

interface Addition {
  readonly value: Plain
  readonly like: ManifestObject | undefined
  readonly reader: SectionReader
}

async function appended(text: string, { value, like, reader }: Addition): Promise<string> {
  const sections = sectionsOf(text)
  const ordered = apiOrder(value)
  if (sections.at(-1)?.json === true)
    return `${text.replace(/\s*$/, '\n')}${JSON.stringify(ordered, null, 2)}${text.endsWith('\n') ? '\n' : ''}`
  const model = like === undefined ? undefined : textOf(like.document)
  const style: Style = {
    ...styleOf(model ?? '', model === undefined ? emptyNode : await reader.read(model)),
    json: false,
  }
  const printed = printBlock(ordered, { style }).join(style.lineBreak) + style.lineBreak
  if (sections.length === 0) return text + printed
  const separator = `---${style.lineBreak}`
  return text.endsWith('\n')
    ? text + separator + printed
    : text + style.lineBreak + separator + printed.slice(0, -style.lineBreak.length)
}

const emptyNode = { type: 'scalar', style: 'plain', text: '', start: 0, end: 0 } as const

/** The fields of an object in the order that people expect. */
function apiOrder(value: Plain): Plain {
  const {
    apiVersion = null,
    kind = null,
    metadata = null,
    ...rest
  } = value as { readonly [key: string]: Plain }
  return { apiVersion, kind, metadata, ...rest }
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
