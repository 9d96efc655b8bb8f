import type { Mapping, Sequence } from '../yaml/node.ts'
import type { Style } from './style.ts'
import type { Added, EntryEdits, Splice } from './splice.ts'

/**
 * Edits of a flow collection that keeps at least one of its entries: commas and white space follow the
 * neighbours.
 */
export function changeFlow(
  text: string,
  { entries, start }: Mapping | Sequence,
  {
    removed,
    added,
    print,
    style,
  }: EntryEdits & { readonly print: (entry: Added) => string; readonly style: Style },
): readonly Splice[] {
  const gapAt = (i: number): string => text.slice(entries[i - 1]!.end, entries[i]!.start)
  const isMultiline = text.slice(start + 1, entries[0]!.start).includes('\n')
  const gap =
    entries.length > 1 && !gapAt(1).includes('#')
      ? gapAt(1).replace(/^\s*,/, '')
      : isMultiline
        ? text.slice(start + 1, entries[0]!.start).replace(/^.*#.*/, '')
        : style.comma.slice(1)
  const insertions = added.map((one): Splice => {
    const after = one.before - 1
    if (after < 0) return { start: entries[0]!.start, end: entries[0]!.start, text: `${print(one)},${gap}` }
    return { start: entries[after]!.end, end: entries[after]!.end, text: `,${gap}${print(one)}` }
  })
  // Entries before the first that is kept go with the gap after them, the others with the gap before.
  const first = [...entries.keys()].find(i => !removed.has(i))!
  const deletions = [...removed].flatMap((i): readonly Splice[] => {
    if (i < first) return [{ start: entries[i]!.start, end: entries[i + 1]!.start, text: '' }]
    const between = gapAt(i)
    if (!between.includes('#')) return [{ start: entries[i - 1]!.end, end: entries[i]!.end, text: '' }]
    // A comment about the neighbour stays.
    const comma = entries[i - 1]!.end + between.indexOf(',')
    const lead = /\s*$/.exec(between)![0].length
    return [
      { start: comma, end: comma + 1, text: '' },
      { start: entries[i]!.start - lead, end: entries[i]!.end, text: '' },
    ]
  })
  return [...insertions, ...deletions]
}
