interface Entry {
  readonly i: number
  readonly isWildcard: boolean
  /**
   * What a host must end with to lie within it, from the end: then all that a wildcard covers follow it in
   * order.
   */
  readonly key: string
}

/**
 * For each host the first before it that covers it or is covered by it, or is the same; undefined for those
 * that have none. Not every one is held against
 * every other: in the order of their ends, a host comes after the wildcards over it, with nothing else
 * between them than what these cover, too.
 */
export function firstOverlaps(hosts: readonly string[]): readonly (number | undefined)[] {
  const entries = hosts.map((host, i): Entry => ({
    i,
    isWildcard: host.startsWith('*'),
    key: reversed(host.startsWith('*') ? host.slice(1) : host),
  }))
  const inOrder = entries.toSorted(
    (one, other) =>
      compare(one.key, other.key) || Number(other.isWildcard) - Number(one.isWildcard) || one.i - other.i,
  )
  const first = hosts.map((_, i) => i)
  // The wildcards over the host that is looked at, and the first of what was found within each.
  const over: { readonly entry: Entry; within: number }[] = []
  const close = (): void => {
    const { entry, within } = over.pop()!
    first[entry.i] = Math.min(first[entry.i]!, within)
    const outer = over.at(-1)
    if (outer !== undefined) outer.within = Math.min(outer.within, within, entry.i)
  }
  let before: Entry | undefined
  for (const entry of inOrder) {
    while (over.length > 0 && !entry.key.startsWith(over.at(-1)!.entry.key)) close()
    const same =
      before !== undefined && !before.isWildcard && before.key === entry.key ? first[before.i]! : entry.i
    first[entry.i] = Math.min(entry.i, same, ...over.map(outer => outer.entry.i))
    if (entry.isWildcard) over.push({ entry, within: entry.i })
    else if (over.length > 0) over.at(-1)!.within = Math.min(over.at(-1)!.within, entry.i)
    before = entry
  }
  while (over.length > 0) close()
  return first.map((at, i) => (at < i ? at : undefined))
}

const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0)

const reversed = (text: string): string => text.split('').reverse().join('')
