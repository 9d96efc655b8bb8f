const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
}

/**
 * XML 1.0 has no way to write most control characters and lone surrogates, and a parser makes a newline of a
 * carriage return.
 */
export const escape = (text: string): string =>
  text
    .toWellFormed()
    .replaceAll(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/g, '\uFFFD')
    .replaceAll(/[&<>"']/g, char => entities[char]!)
    .replaceAll('\r', '&#13;')

/** In an attribute it makes spaces of line breaks and tabs as well. */
export const attribute = (text: string): string =>
  escape(text).replaceAll('\n', '&#10;').replaceAll('\t', '&#9;')
