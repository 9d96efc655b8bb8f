import { colourCodes } from '../colour.ts'
import { widthOf } from '../table.ts'

/** How wide a text may be, and what it may be drawn with. */
export interface Canvas {
  /** The columns of a terminal; left out where nothing is cut or wrapped: in a pipe, and with `-o wide`. */
  readonly columns?: number | undefined
  /** Only characters of ASCII are drawn: the terminal shows no others. */
  readonly ascii?: boolean | undefined
}

/** What is left out of a text that is too long: its end, or its beginning. */
export type Elided = 'end' | 'start' | 'middle'

/**
 * The text in this many columns, with an ellipsis for what is left out; of an image the beginning says least, of the
 * name of a workload the middle.
 */
export function elide(text: string, columns: number, { cut, ascii = false }: ElideOptions): string {
  if (widthOf(text) <= columns) return text
  const mark = ascii ? '...' : '…'
  const room = Math.max(1, columns - mark.length)
  const all = [...text]
  const tail = cut === 'end' ? 0 : cut === 'start' ? room : Math.floor(room / 2)
  const head = room - tail
  return `${takeColumns(all, head)}${mark}${tail === 0 ? '' : [...takeColumns(all.toReversed(), tail)].toReversed().join('')}`
}

interface ElideOptions {
  readonly cut: Elided
  readonly ascii?: boolean | undefined
}

/** As many of the characters as fit. */
function takeColumns(characters: readonly string[], columns: number): string {
  let [taken, width] = ['', 0]
  for (const character of characters) {
    width += widthOf(character)
    if (width > columns) break
    taken += character
  }
  return taken
}

/**
 * A line with colours, cut at this many columns; the colours are ended where it is cut.
 */
export function cutLine(line: string, columns: number): string {
  if (widthOf(line) <= columns) return line
  let left = columns
  return line
    .split(colourCodes)
    .map((part, i) => {
      if (i % 2 === 1) return part
      const kept = takeColumns([...part], left)
      left = Math.max(0, left - widthOf(part))
      return kept
    })
    .join('')
}

/**
 * A text of words in lines of this many columns; the lines after the first begin further to the right. A word that is
 * longer than a line has one for itself, and is never broken.
 */
export function wrap(text: string, { columns }: Canvas, hanging = '  '): string {
  if (columns === undefined || widthOf(text) <= columns) return text
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`
    if (line.trim() !== '' && widthOf(longer) > columns) {
      lines.push(line)
      line = hanging + word
    } else line = longer
  }
  return [...lines, line].join('\n')
}

/** The same text in ASCII as far as it is ours: arrows, dashes, ellipses and quotation marks. */
export function inAscii(text: string): string {
  return text.replaceAll(/[→–…“”·]/gu, character => plainly[character]!)
}

const plainly: Readonly<Record<string, string>> = {
  '→': '->',
  '–': '-',
  '…': '...',
  '“': '"',
  '”': '"',
  '·': '.',
}
