import { escaped } from '../../shared/objects/text/escaped.ts'

/** Text on one line, without characters that a terminal or a header cannot take: the API server drops such a warning. */
export const plainLine = (text: string): string => escaped(text).trim()

/** The non-empty lines of a text, each as plainLine makes it. */
export const plainLines = (text: string): readonly string[] =>
  text
    .split('\n')
    .map(plainLine)
    .filter(line => line !== '')

/** At most this many characters (code points); a text that was cut ends in an ellipsis. */
export function cutCharacters(text: string, limit: number): string {
  if (text.length <= limit) return text
  const characters = [...text]
  return characters.length <= limit
    ? text
    : `${characters
        .slice(0, limit - 1)
        .join('')
        .trimEnd()}…`
}

/** At most this many bytes of UTF-8, never half a character; a text that was cut ends in an ellipsis. */
export function cutBytes(text: string, limit: number): string {
  if (bytesOf(text) <= limit) return text
  const bytes = new TextEncoder().encodeInto(text, new Uint8Array(limit - bytesOf('…')))
  return `${text.slice(0, bytes.read).trimEnd()}…`
}

/** The length of a text in bytes of UTF-8. */
export const bytesOf = (text: string): number => Buffer.byteLength(text)
