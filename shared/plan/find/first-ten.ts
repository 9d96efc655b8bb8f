/** More candidates than these nobody reads, and the first lines of an error would be lost above them. */
const most = 10

/** The names with commas between them; behind the tenth only how many there are. */
export const listed = (names: readonly string[], separator = ', '): string =>
  names.length > most
    ? `${names.slice(0, most).join(separator)} and ${names.length - most} more`
    : names.join(separator)

/** The lines; behind the tenth only how many there are. */
export const firstLines = (lines: readonly string[]): readonly string[] =>
  lines.length > most ? [...lines.slice(0, most), `  and ${lines.length - most} more`] : lines
