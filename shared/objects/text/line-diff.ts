/** The names that a unified diff's two sides have. */
export interface DiffNames {
  readonly from: string
  readonly to: string
}

/** A line that stays, goes or comes. */
export interface LineEdit {
  readonly sign: ' ' | '-' | '+'
  readonly line: string
}

/** Lines shown around a change, as `diff -u` has it. */
const context = 3

/**
 * Beyond so many differing lines the shortest diff costs more than it tells: the differing part is then shown
 * as replaced whole.
 */
const mostDifferences = 1000

/** The lines in which two texts differ, as `diff -u` prints them; empty where they are equal. */
export function unifiedDiff(before: string, after: string, { from, to }: DiffNames): string {
  if (before === after) return ''
  const edits = editsOf(linesOf(before), linesOf(after))
  return `--- ${from}\n+++ ${to}\n${hunksOf(edits)
    .map(([start, end]) => formatHunk(edits, start, end))
    .join('')}`
}

/** Each line with its ending, so that a missing last one is a difference. */
const linesOf = (text: string): readonly string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? []

/** How one list of lines becomes another, in order. */
export function editsOf(before: readonly string[], after: readonly string[]): readonly LineEdit[] {
  const shorter = Math.min(before.length, after.length)
  let head = 0
  while (head < shorter && before[head] === after[head]) head++
  let tail = 0
  while (tail < shorter - head && before.at(-1 - tail) === after.at(-1 - tail)) tail++
  const same = (lines: readonly string[]): readonly LineEdit[] => lines.map(line => ({ sign: ' ', line }))
  return [
    ...same(before.slice(0, head)),
    ...shortestEdits(before.slice(head, before.length - tail), after.slice(head, after.length - tail)),
    ...same(before.slice(before.length - tail)),
  ]
}

/**
 * Myers' greedy algorithm (An O(ND) Difference Algorithm, 1986): `furthest` holds for each diagonal how far
 * down `before` it reaches.
 */
function shortestEdits(before: readonly string[], after: readonly string[]): readonly LineEdit[] {
  const most = Math.min(before.length + after.length, mostDifferences)
  const trace: Map<number, number>[] = []
  let furthest = new Map([[1, 0]])
  for (let differences = 0; differences <= most; differences++) {
    trace.push(furthest)
    furthest = new Map(furthest)
    for (let diagonal = -differences; diagonal <= differences; diagonal += 2) {
      let x = startOf(furthest, diagonal, differences)
      while (x < before.length && x - diagonal < after.length && before[x] === after[x - diagonal]) x++
      furthest.set(diagonal, x)
      if (x >= before.length && x - diagonal >= after.length) return walkBack(trace, before, after)
    }
  }
  return [
    ...before.map((line): LineEdit => ({ sign: '-', line })),
    ...after.map((line): LineEdit => ({ sign: '+', line })),
  ]
}

const cameFromAbove = (
  furthest: ReadonlyMap<number, number>,
  diagonal: number,
  differences: number,
): boolean =>
  diagonal === -differences
  || (diagonal !== differences && furthest.get(diagonal - 1)! < furthest.get(diagonal + 1)!)

const startOf = (furthest: ReadonlyMap<number, number>, diagonal: number, differences: number): number =>
  cameFromAbove(furthest, diagonal, differences)
    ? furthest.get(diagonal + 1)!
    : furthest.get(diagonal - 1)! + 1

function walkBack(
  trace: readonly ReadonlyMap<number, number>[],
  before: readonly string[],
  after: readonly string[],
): readonly LineEdit[] {
  const reversed: LineEdit[] = []
  let x = before.length
  let y = after.length
  for (let differences = trace.length - 1; differences >= 0; differences--) {
    const furthest = trace[differences]!
    const diagonal = x - y
    const above = cameFromAbove(furthest, diagonal, differences)
    const start = startOf(furthest, diagonal, differences)
    while (x > start) reversed.push({ sign: ' ', line: before[--x]! })
    y = x - diagonal
    if (differences === 0) break
    if (above) reversed.push({ sign: '+', line: after[--y]! })
    else reversed.push({ sign: '-', line: before[--x]! })
  }
  return reversed.reverse()
}

/**
 * Start and end (past the last) of each run of changes with its context; runs whose contexts touch are one.
 */
function hunksOf(edits: readonly LineEdit[]): readonly (readonly [number, number])[] {
  const hunks: [number, number][] = []
  for (const [i, { sign }] of edits.entries()) {
    if (sign === ' ') continue
    const last = hunks.at(-1)
    const end = Math.min(i + context + 1, edits.length)
    if (last !== undefined && i - context <= last[1]) last[1] = end
    else hunks.push([Math.max(i - context, 0), end])
  }
  return hunks
}

function formatHunk(edits: readonly LineEdit[], start: number, end: number): string {
  const lines = edits.slice(start, end)
  const count = (side: readonly LineEdit[], without: '-' | '+'): number =>
    side.filter(({ sign }) => sign !== without).length
  const range = (without: '-' | '+'): string => {
    const length = count(lines, without)
    const first = count(edits.slice(0, start), without) + (length === 0 ? 0 : 1)
    return length === 1 ? `${first}` : `${first},${length}`
  }
  const body = lines.map(({ sign, line }) =>
    line.endsWith('\n') ? sign + line : `${sign}${line}\n\\ No newline at end of file\n`,
  )
  return `@@ -${range('+')} +${range('-')} @@\n${body.join('')}`
}
