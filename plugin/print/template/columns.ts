import { formatTable } from '../table.ts'
import { parsePath, templateError, type JsonPath } from './json-path.ts'
import { formatValue } from './template.ts'

interface Column {
  readonly heading: string
  readonly path: JsonPath
}

/** The columns of `-o custom-columns=NAME:.metadata.name,…`; throws `usage` for a text that is no such list. */
export function parseColumns(spec: string): readonly Column[] {
  return spec.split(/,(?![^[]*\])/).map(part => {
    const colon = part.indexOf(':')
    if (colon < 1 || colon === part.length - 1)
      throw templateError(`${JSON.stringify(part)} is not a column; write HEADING:.path`)
    // As kubectl: braces and the first dot may be left out.
    const path = part.slice(colon + 1).replace(/^\{(.*)\}$/, '$1')
    return { heading: part.slice(0, colon), path: parsePath(/^[.[$@]/.test(path) ? path : `.${path}`) }
  })
}

/** A line for each value, with what each path leads to. */
export const formatColumns = (columns: readonly Column[], rows: readonly unknown[]): string =>
  formatTable(
    columns.map(({ heading }) => heading),
    rows.map(row =>
      columns.map(({ path }) => {
        const values = path(row).filter(value => value !== null)
        return values.length === 0 ? '<none>' : values.map(formatValue).join(',')
      }),
    ),
  )
