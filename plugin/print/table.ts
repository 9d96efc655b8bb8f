import { stripVTControlCharacters } from 'node:util'

/**
 * Rows under a heading in columns as kubectl has them: three blanks apart, the last one ragged, no trailing
 * blanks.
 */
export function formatTable(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [heading, ...rows]
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

/** Characters as a terminal counts them, near enough: by code point, colours not at all. */
export const widthOf = (text: string): number => [...stripVTControlCharacters(text)].length

/** Lines moved to the right. */
export const indent = (text: string, by: string): string =>
  text
    .split('\n')
    .map(line => (line === '' ? line : by + line))
    .join('\n')
