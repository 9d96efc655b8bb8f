/**
 * The one of some names that is closer than all others to what was said, and not too far from it; undefined where
 * there is none, or where it is what was said. Names that differ in digits only are different ones (`v1`, `v2`).
 */
export function closest(said: string, names: readonly string[]): string | undefined {
  const [best, second] = [...new Set(names)]
    .filter(name => withoutDigits(name) !== withoutDigits(said) || name.toLowerCase() === said.toLowerCase())
    .map(name => ({ name, distance: distance(said.toLowerCase(), name.toLowerCase()) }))
    .toSorted((a, b) => a.distance - b.distance)
  return best !== undefined
    && best.name !== said
    && best.distance !== second?.distance
    && best.distance <= Math.max(1, Math.floor(said.length / 3))
    ? best.name
    : undefined
}

/** Among more names nothing is looked for: a hint must not cost more in a larger cluster. */
const mostNames = 1000

/**
 * A name that was probably meant and mistyped: one letter is wrong, missing, too many or in its neighbour's place.
 * Names that differ in digits only are different ones (`v1`, `v2`), and short names are too close to each other.
 * Undefined where none or several are near, or where there are more than a thousand names.
 */
export function mistyped(said: string, names: readonly string[]): string | undefined {
  if (names.length > mostNames) return undefined
  const near = [...new Set(names)].filter(name => name !== said && isOneSlip(said, name))
  return near.length === 1 ? near[0] : undefined
}

function isOneSlip(said: string, name: string): boolean {
  if (Math.abs(said.length - name.length) > 1) return false
  const [a, b] = [said.toLowerCase(), name.toLowerCase()]
  if (a === b) return true
  if (a.length === b.length) return isOtherLetter(a, b)
  return a.length < b.length ? isOneMore(a, b) : isOneMore(b, a)
}

/** One letter of two texts of one length differs, or two neighbours are exchanged. */
function isOtherLetter(a: string, b: string): boolean {
  const places = [...a].flatMap((letter, i) => (letter === b[i] ? [] : [i]))
  const [i, j] = places as [number, number | undefined]
  if (places.length === 2) return j === i + 1 && a[i] === b[j] && a[j] === b[i]
  return places.length === 1 && a.length >= 4 && !(isDigit(a[i]) && isDigit(b[i]))
}

/** The longer text has one letter more. */
function isOneMore(short: string, long: string): boolean {
  if (long.length - short.length !== 1 || long.length < 3) return false
  const i = [...long].findIndex((letter, at) => letter !== short[at])
  return !isDigit(long[i]) && long.slice(0, i) + long.slice(i + 1) === short
}

const withoutDigits = (text: string): string => text.toLowerCase().replaceAll(/\d+/g, '0')

const isDigit = (letter: string | undefined): boolean =>
  letter !== undefined && letter >= '0' && letter <= '9'

/** Levenshtein's distance, row by row. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1]
    for (const [j, other] of [...b].entries())
      next.push(Math.min(next[j]! + 1, row[j + 1]! + 1, row[j]! + (letter === other ? 0 : 1)))
    row = next
  }
  return row.at(-1)!
}
