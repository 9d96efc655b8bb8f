import { stripVTControlCharacters } from 'node:util'
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
const plainCell = (text: string): string =>
  text
    .split(colourCodes)
    .map((part, i) => (i % 2 === 1 ? part : escaped(part)))
    .join('')

/** Characters as a terminal counts them, near enough: by code point, colours not at all. */
export const widthOf = (text: string): number => [...stripVTControlCharacters(text)].length

/** Lines moved to the right. */
export const indent = (text: string, by: string): string =>
  text
    .split('\n')
    .map(line => (line === '' ? line : by + line))
    .join('\n')
