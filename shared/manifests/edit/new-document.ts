import type { SectionReader } from '../yaml/documents.ts'
import type { Plain } from './plain.ts'
import { printBlock } from './print.ts'
import { styleOf, type Style } from './style.ts'

/** An object to write. */
export interface Addition {
  readonly value: Plain
  /** The text of a document whose style it has. */
  readonly model: string | undefined
  readonly reader: SectionReader
}

/** A new document as text, with its line break. */
export async function printedDocument({
  value,
  model,
  reader,
}: Addition): Promise<{ readonly printed: string; readonly lineBreak: string }> {
  const style: Style = {
    ...styleOf(model ?? '', model === undefined ? emptyNode : await reader.read(model)),
    json: false,
  }
  const { lineBreak } = style
  return { printed: printBlock(apiOrder(value), { style }).join(lineBreak) + lineBreak, lineBreak }
}

const emptyNode = { type: 'scalar', style: 'plain', text: '', start: 0, end: 0 } as const

/** The fields of an object in the order that people expect. */
export function apiOrder(value: Plain): Plain {
  const {
    apiVersion = null,
    kind = null,
    metadata = null,
    ...rest
  } = value as { readonly [key: string]: Plain }
  return { apiVersion, kind, metadata, ...rest }
}

/** The comments at the beginning of a text that a blank line separates from what follows. */
export const headOf = (text: string): string =>
  /^(?:[ \t]*(?:#[^\n]*)?\n|[ \t]*\r\n)*[ \t]*\r?\n/.exec(text)?.[0] ?? ''
