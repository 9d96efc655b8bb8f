// Control characters make the API server drop a warning silently; line separators and direction marks could
// make a terminal show another text.
const unprintable = /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]+/gu

/** Text on one line that any terminal and header can carry. */
export const plainLine = (text: string): string => text.toWellFormed().replaceAll(unprintable, ' ').trim()

/** The same for text of several lines, which it keeps. */
export const plainLines = (text: string): readonly string[] =>
  text
    .split('\n')
    .map(plainLine)
    .filter(line => line !== '')

/** At most so many characters (code points), the last one an ellipsis where something was cut. */
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

/**
 * At most so many bytes of UTF-8, ending in an ellipsis where something was cut; never within a character.
 */
export function cutBytes(text: string, limit: number): string {
  if (bytesOf(text) <= limit) return text
  const bytes = new TextEncoder().encodeInto(text, new Uint8Array(limit - bytesOf('…')))
  return `${text.slice(0, bytes.read).trimEnd()}…`
}

const encoder = new TextEncoder()

/** The length of a text in bytes of UTF-8. */
export const bytesOf = (text: string): number => encoder.encode(text).length
