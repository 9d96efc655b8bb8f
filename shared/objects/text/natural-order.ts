/**
 * Orders names as people do, `v2` before `v10`. The language's own collation would cost a command 11 ms to
 * load.
 */
export function compareNaturally(a: string, b: string): number {
  const [left, right] = [piecesOf(a), piecesOf(b)]
  for (const [i, piece] of left.entries()) {
    const other = right[i]
    if (other === undefined) return 1
    const order = comparePieces(piece, other)
    if (order !== 0) return order
  }
  return left.length - right.length
}

/** Runs of digits, and the text between them. */
const piecesOf = (text: string): readonly string[] => text.match(/\d+|\D+/g) ?? []

function comparePieces(a: string, b: string): number {
  const isNumber = /^\d/.test(a) && /^\d/.test(b)
  if (isNumber && Number(a) !== Number(b)) return Number(a) - Number(b)
  return a < b ? -1 : a > b ? 1 : 0
}
