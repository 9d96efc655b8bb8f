import type { Scalar } from '../yaml/node.ts'
import { isPlainText } from '../yaml/scalars.ts'
import type { Style } from './style.ts'

/** A text on one line: plain where it can be, else in quotes. */
export function printText(text: string, { quote, json }: Style, flow: boolean): string {
  if (!json && isPlainText(text, flow)) return text
  return !json && (quote === "'" || /["\\]/.test(text)) ? singleQuoted(text) : quoted(text)
}

/** A text in the quotes that another one had. */
export function printQuotedLike(
  text: string,
  old: Scalar,
  { style, flow }: { readonly style: Style; readonly flow: boolean },
): string {
  if (old.style === 'double') return /["\\]/.test(text) ? singleQuoted(text) : quoted(text)
  return old.style === 'single' ? singleQuoted(text) : printText(text, style, flow)
}

/**
 * In single quotes, where JSON in an annotation and regexes stay readable; what cannot be there as it is
 * goes into double quotes.
 */
const singleQuoted = (text: string): string =>
  // Nearly every text is ASCII, and the tables of Unicode take milliseconds to prepare.
  /^[ -~]*$/.test(text) || /^[ -~\p{L}\p{M}\p{N}\p{P}\p{S}]*$/u.test(text)
    ? `'${text.replaceAll("'", "''")}'`
    : quoted(text)

/** In double quotes, with the escapes that JSON and both YAMLs share. */
export const quoted = (text: string): string =>
  JSON.stringify(text).replace(
    /[\x7f-\x9f\u2028\u2029\ufeff]/g,
    character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
