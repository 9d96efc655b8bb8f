/** Names as a sentence has them: `a`, `a and b`, `a, b and c`; the first so many, and how many more there are. */
export function enumerated(names: readonly string[], most = 5): string {
  const shown = names.length > most ? [...names.slice(0, most), `${names.length - most} more`] : names
  return shown.length < 2 ? shown.join('') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)!}`
}
