/** The lines of a literal block, without their indentation and the blank lines at its end. */
export interface Literal {
  readonly lines: readonly string[]
  /** The end of the last line, and the beginning of the line after the block. */
  readonly end: number
  readonly next: number
}

/**
 * Reads a literal block from the beginning of its first line, below a key or dash at this column; undefined
 * for what only a full reader can decide.
 */
export function readLiteral(text: string, start: number, column: number): Literal | undefined {
  const lines: string[] = []
  let indent = 0
  let [pos, end, last] = [start, start, 0]
  while (pos < text.length) {
    const stop = text.indexOf('\n', pos)
    const line = text.slice(pos, stop < 0 ? undefined : stop).replace(/\r$/, '')
    const own = line.search(/[^ ]/)
    if (own < 0) {
      // Leading blank lines that are longer than the text's indentation are an error that the full reader
      // explains.
      if (line.length > indent) return undefined
      lines.push('')
    } else {
      if (own <= column) break
      if (own < indent) return undefined
      if (indent === 0) indent = own
      lines.push(line.slice(indent))
      ;[end, last] = [pos + line.length, lines.length]
    }
    pos = stop < 0 ? text.length : stop + 1
  }
  return last === 0 ? undefined : { lines: lines.slice(0, last), end, next: pos }
}
