import { escaped } from '../../shared/objects/text/escaped.ts'
import { colourCodes } from './colour.ts'

/**
 * Rows under a heading in columns as kubectl has them: three blanks apart, the last one ragged, no trailing
 * blanks.
 */
export function formatTable(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [heading, ...rows.map(row => row.map(plainCell))]
  const widths = heading.map((_, column) => Math.max(...all.map(row => widthOf(row[column] ?? ''))))
  return all
    .map(row =>
      row
        .map((cell, column) => cell + ' '.repeat(widths[column]! - widthOf(cell)))
        .join('   ')
        .trimEnd(),
    )
    .join('\n')
}

/** A cell is one line whatever an object is called; our own colours stay. */
export const plainCell = (text: string): string =>
  text
    .split(colourCodes)
    .map((part, i) => (i % 2 === 1 ? part : escaped(part)))
    .join('')

// oxlint-disable-next-line no-control-regex
const narrow = /^[\x20-\x7e]*$/
// Functions, as the tables of Unicode take milliseconds to prepare where such a regex is made.
const hasNoWidth = (character: string): boolean => /\p{Mn}|\p{Me}|\p{Cf}/u.test(character)
/** East Asian wide and fullwidth characters, and pictures. */
const isWide = (character: string): boolean =>
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u.test(
    character,
  )

/** The columns that a text takes on a terminal, near enough; colours take none. */
export function widthOf(text: string): number {
  if (narrow.test(text)) return text.length
  let width = 0
  const seen = text
    .split(colourCodes)
    .filter((_, i) => i % 2 === 0)
    .join('')
  for (const character of seen) width += hasNoWidth(character) ? 0 : isWide(character) ? 2 : 1
  return width
}

/** Lines moved to the right. */
export const indent = (text: string, by: string): string =>
  text
    .split('\n')
    .map(line => (line === '' ? line : by + line))
    .join('\n')
