import { editsOf } from '../../objects/text/line-diff.ts'
import type { Plain } from '../edit/plain.ts'
import { lineBreakOf } from '../edit/style.ts'
import { withValue } from '../edit/with-value.ts'
import type { Embedding, SourceFile } from '../files/find-files.ts'
import { sectionsOf, type DocumentSection, type SectionReader } from '../yaml/documents.ts'
import { isDeepEqual } from '../edit/equal.ts'
import type { Path } from '../../objects/paths.ts'
import { valueOf } from '../yaml/value.ts'

/** The text of a scalar as a file of its own, whose places are those in the file that holds it. */
export function embeddedFile(
  file: SourceFile,
  { scalar, path, section }: Pick<Embedding, 'scalar' | 'path'> & { readonly section: DocumentSection },
): SourceFile {
  const start = section.start + scalar.start
  const literal = literalLines(file.text, { start, end: section.start + scalar.end, text: scalar.text })
  const offsetOf = (offset: number): number => {
    if (literal === undefined) return start
    const before = scalar.text.slice(0, offset).split('\n')
    const line = literal.lines[Math.min(before.length, literal.lines.length) - 1]!
    return Math.min(line.start + literal.indent + before.at(-1)!.length, line.end)
  }
  return {
    name: file.name,
    text: scalar.text,
    root: file.root,
    within: { file, start, scalar, path, offsetOf },
  }
}

interface TextSpan {
  readonly start: number
  readonly end: number
}
interface LiteralLines {
  readonly indent: number
  readonly lines: readonly TextSpan[]
}

/** The lines of a literal block (`|`) in its file; undefined for a scalar that is written otherwise. */
function literalLines(
  file: string,
  { start, end, text }: TextSpan & { readonly text: string },
): LiteralLines | undefined {
  if (file[start] !== '|') return undefined
  const lines: TextSpan[] = []
  for (let at = file.indexOf('\n', start) + 1; at > 0 && at <= end; at = file.indexOf('\n', at) + 1) {
    const stop = file.indexOf('\n', at)
    const to = stop < 0 ? file.length : stop
    lines.push({ start: at, end: file[to - 1] === '\r' ? to - 1 : to })
  }
  const said = withoutEnd(text).split('\n')
  const first = said.findIndex(line => line !== '')
  if (first < 0 || lines.length !== said.length) return undefined
  const { start: from, end: to } = lines[first]!
  const indent = to - from - said[first]!.length
  const isSame = lines.every((line, i) => file.slice(line.start + indent, line.end) === said[i])
  return isSame ? { indent, lines } : undefined
}

/** Without the line breaks at its end: they belong to the block as a whole. */
const withoutEnd = (text: string): string => text.replace(/\n+$/, '')

/** A scalar with another text. */
export interface EmbeddedEdit extends Pick<Embedding, 'path' | 'scalar'> {
  readonly text: string
}

/**
 * A file with other texts in some of its scalars: of a literal block only the lines that differ are written
 * anew. Undefined where that cannot be done so that exactly these texts change.
 */
export async function withEmbedded(
  file: SourceFile,
  edits: readonly EmbeddedEdit[],
  reader: SectionReader,
): Promise<string | undefined> {
  let text = file.text
  for (const edit of edits.toSorted((a, b) => b.scalar.start - a.scalar.start)) {
    const next = await withOne(text, edit, reader)
    if (next === undefined) return undefined
    text = next
  }
  return text
}

async function withOne(
  file: string,
  { path, scalar, text }: EmbeddedEdit,
  reader: SectionReader,
): Promise<string | undefined> {
  const [section, ...more] = sectionsOf(file)
  if (section === undefined || more.length > 0) return undefined
  const [head, body, tail] = [
    file.slice(0, section.start),
    file.slice(section.start, section.end),
    file.slice(section.end),
  ]
  const root = await reader.read(body)
  const wanted = withText(valueOf(root) as Plain, path, text)
  const literal = literalLines(body, scalar)
  const edited =
    literal !== undefined && literalForm.test(text)
      ? withLines(body, { literal, scalar, text })
      : withValue(body, root, wanted)
  const isMeant = isDeepEqual(valueOf(await reader.read(edited)), wanted)
  return isMeant ? head + edited + tail : undefined
}

/** What a literal block holds as it is, behind an indentation that it has already. */
const literalForm = /^[^\s\ufeff][^\r\x85\u2028\u2029]*$/u

/** The lines of a literal block become those of a text; the lines that stay are not touched. */
function withLines(
  body: string,
  { literal, scalar, text }: Pick<EmbeddedEdit, 'scalar' | 'text'> & { readonly literal: LiteralLines },
): string {
  const lineBreak = lineBreakOf(body.slice(scalar.start))
  const { indent, lines } = literal
  let at = 0
  const result: string[] = []
  for (const { sign, line } of editsOf(withoutEnd(scalar.text).split('\n'), withoutEnd(text).split('\n'))) {
    const old = sign === '+' ? undefined : lines[at++]!
    if (sign === ' ') result.push(body.slice(old!.start, old!.end))
    if (sign === '+') result.push(line === '' ? '' : ' '.repeat(indent) + line)
  }
  return body.slice(0, lines[0]!.start) + result.join(lineBreak) + body.slice(lines.at(-1)!.end)
}

/** A value with another text at a path. */
function withText(value: Plain, [step, ...rest]: Path, text: string): Plain {
  if (step === undefined) return text
  if (Array.isArray(value))
    return (value as readonly Plain[]).map((item, i) => (i === step ? withText(item, rest, text) : item))
  const fields = value as { readonly [key: string]: Plain }
  return { ...fields, [step]: withText(fields[step]!, rest, text) }
}
