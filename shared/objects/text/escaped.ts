/**
 * What most texts are made of: none of it is hidden, and the tables of Unicode take milliseconds to prepare, already
 * where such a regex is made.
 */
const plain = /^[ -~\u00a1-\u00ac\u00ae-\u00ff\u2010-\u2027\u2190-\u27bf]*$/

const short: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/**
 * Text as one line, in which every character that breaks a line, is not seen or changes how others are shown is
 * written by its number, as JSON does (`\n`, `\u200b`). What objects contain never makes a line of its own in a
 * message, and a JSON text keeps its meaning.
 */
export const escaped = (text: string): string => (plain.test(text) ? text : withoutHidden(text))

/** Control, format (zero-width, bidirectional, tags), ignorable and unpaired characters, and line separators. */
const withoutHidden = (text: string): string =>
  text.replace(
    /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu,
    found => short[found] ?? numbersOf(found),
  )

/** By its UTF-16 units: JSON knows no others. */
const numbersOf = (character: string): string =>
  Array.from(
    { length: character.length },
    (_, i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`,
  ).join('')

/** Lines, each escaped, as one text. */
export const escapedLines = (lines: string | readonly string[]): string =>
  typeof lines === 'string' ? escaped(lines) : lines.map(escaped).join('\n')

/** A name as it is where it is made of the characters of names, else in quotes: it cannot pass for words of ours. */
export const quotedName = (name: string): string => (/^[\w.*/-]*$/.test(name) ? name : JSON.stringify(name))
