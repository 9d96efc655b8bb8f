import { formatColumns, parseColumns } from './columns.ts'
import type { DataTemplate } from './data-template.ts'
import { parsePaths, parseTemplate } from './template.ts'

/** What a template makes of data, or of its rows. */
type Compiled = (value: unknown, rows: readonly unknown[]) => string

/** Reads a template; throws `usage` for one that cannot be read. */
export function compileTemplate(template: DataTemplate): Compiled {
  const text = template.slice(template.indexOf('=') + 1)
  if (template.startsWith('custom-columns=')) {
    const columns = parseColumns(text)
    return (_, rows) => formatColumns(columns, rows)
  }
  if (template.startsWith('jsonpath=')) return parseTemplate(text)
  const paths = parsePaths(text)
  return value => JSON.stringify(paths(value), undefined, 4)
}

/** Data through a template, as kubectl prints them. */
export function formatTemplate(value: unknown, rows: readonly unknown[], template: DataTemplate): string {
  // As a program reads it: properties that are undefined are not there.
  const [plain, lines] = JSON.parse(JSON.stringify([value, rows])) as [unknown, readonly unknown[]]
  return compileTemplate(template)(plain, lines)
}
