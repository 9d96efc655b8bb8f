/** A file before and after; undefined where it is not there. */
export interface FileChange {
  readonly name: string
  readonly before: string | undefined
  readonly after: string | undefined
}
interface Edit {
  readonly mark: ' ' | '-' | '+'
  readonly line: string
}

const context = 3
/** More differing lines than this are shown as one block: the search for the shortest diff grows with their square. */
const mostDifferences = 1000

/** The changes of files as `diff -u` and `git apply` know them; `''` where nothing differs. */
export const unifiedDiff = (changes: readonly FileChange[]): string => changes.filter(({ before, after }) => before !== after).map(formatFile).join('')

function formatFile({ name, before, after }: FileChange): string {
  const path = name.replace(/^\/+/, '')
  const head = `--- ${before === undefined ? '/dev/null' : `a/${path}`}\n+++ ${after === undefined ? '/dev/null' : `b/${path}`}\n`
  return head + hunksOf(editsOf(linesOf(before ?? ''), linesOf(after ?? ''))).join('')
}

/** Lines with their line breaks, so that a missing one at the end is a difference. */
const linesOf = (text: string): readonly string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? []

function hunksOf(edits: readonly Edit[]): readonly string[] {
  const hunks: string[] = []
  let [oldLine, newLine] = [1, 1]
  for (let i = 0; i < edits.length;) {
    const first = edits.findIndex(({ mark }, at) => at >= i && mark !== ' ')
    if (first < 0) break
    const start = Math.max(i, first - context)
    let end = first
    for (let at = first; at < edits.length && at - end <= 2 * context; at++) {
      if (edits[at]!.mark !== ' ') end = at
    }
    const stop = Math.min(edits.length, end + 1 + context)
    oldLine += start - i
    newLine += start - i
    const hunk = edits.slice(start, stop)
    const count = (mark: string): number => hunk.filter(edit => edit.mark === ' ' || edit.mark === mark).length
    const range = (line: number, length: number): string => `${length === 0 ? line - 1 : line}${length === 1 ? '' : `,${length}`}`
    hunks.push(`@@ -${range(oldLine, count('-'))} +${range(newLine, count('+'))} @@\n${hunk.map(formatLine).join('')}`)
    oldLine += count('-')
    newLine += count('+')
    i = stop
  }
  return hunks
}

const formatLine = ({ mark, line }: Edit): string => line.endsWith('\n') ? mark + line : `${mark}${line}\n\\ No newline at end of file\n`

function editsOf(before: readonly string[], after: readonly string[]): readonly Edit[] {
  let head = 0
  while (head < before.length && head < after.length && before[head] === after[head]) head++
  let tail = 0
  while (tail < Math.min(before.length, after.length) - head && before.at(-1 - tail) === after.at(-1 - tail)) tail++
  const same = (lines: readonly string[]): readonly Edit[] => lines.map(line => ({ mark: ' ', line }))
  return [
    ...same(before.slice(0, head)),
    ...shortestEdits(before.slice(head, before.length - tail), after.slice(head, after.length - tail)),
    ...same(before.slice(before.length - tail)),
  ]
}

/** Myers' greedy algorithm: the furthest that can be reached on each diagonal with one more difference each round. */
function shortestEdits(before: readonly string[], after: readonly string[]): readonly Edit[] {
  const rounds: Map<number, number>[] = []
  let reach = new Map([[1, 0]])
  for (let differences = 0; differences <= Math.min(before.length + after.length, mostDifferences); differences++) {
    rounds.push(reach)
    const next = new Map<number, number>()
    for (let diagonal = -differences; diagonal <= differences; diagonal += 2) {
      let x = isDown(reach, diagonal, differences) ? reach.get(diagonal + 1)! : reach.get(diagonal - 1)! + 1
      while (x < before.length && x - diagonal < after.length && before[x] === after[x - diagonal]) x++
      next.set(diagonal, x)
      if (x >= before.length && x - diagonal >= after.length) return walkBack(rounds, before, after)
    }
    reach = next
  }
  return [...before.map((line): Edit => ({ mark: '-', line })), ...after.map((line): Edit => ({ mark: '+', line }))]
}

const isDown = (reach: ReadonlyMap<number, number>, diagonal: number, differences: number): boolean =>
  diagonal === -differences || (diagonal !== differences && reach.get(diagonal - 1)! < reach.get(diagonal + 1)!)

function walkBack(rounds: readonly ReadonlyMap<number, number>[], before: readonly string[], after: readonly string[]): readonly Edit[] {
  const edits: Edit[] = []
  let [x, y] = [before.length, after.length]
  for (let differences = rounds.length - 1; differences >= 0; differences--) {
    const reach = rounds[differences]!
    const diagonal = x - y
    const from = isDown(reach, diagonal, differences) ? diagonal + 1 : diagonal - 1
    const fromX = reach.get(from)!
    while (x > Math.max(fromX, 0) && y > Math.max(fromX - from, 0) && before[x - 1] === after[y - 1]) {
      edits.push({ mark: ' ', line: before[--x]! })
      y--
    }
    if (differences === 0) break
    if (from > diagonal) edits.push({ mark: '+', line: after[--y]! })
    else edits.push({ mark: '-', line: before[--x]! })
  }
  return edits.reverse()
}
