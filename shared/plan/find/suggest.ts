/**
 * ` Did you mean catalog?` where one of the names is closer than all others to what was said, else nothing.
 */
export function suggest(said: string, names: readonly string[]): string {
  const [best, second] = [...new Set(names)]
    .map(name => ({ name, distance: distance(said.toLowerCase(), name.toLowerCase()) }))
    .toSorted((a, b) => a.distance - b.distance)
  return best !== undefined
    && best.name !== said
    && best.distance !== second?.distance
    && best.distance <= Math.max(1, Math.floor(said.length / 3))
    ? ` Did you mean ${best.name}?`
    : ''
}

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
