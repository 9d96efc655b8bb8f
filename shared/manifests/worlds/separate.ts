/** Something that is written somewhere: in folders, in a file, at a place in the file. */
export interface Definition {
  /** The same for all definitions of one object. */
  readonly key: string
  /**
   * The same for objects of any name that are made of one text in several places, and of which one place has
   * one at most in effect: an overlay that adds a prefix to each name is still another environment.
   */
  readonly twin?: string | undefined
  /** From the outermost folder to the place in the file. */
  readonly path: readonly string[]
  /** How many parts of the path are folders. */
  readonly folders: number
}

/** Definitions that are applied together, each of another object. */
export interface Separate<T> {
  /** The folder or place that holds them alone; empty where nothing is defined several times. */
  readonly place: readonly string[]
  readonly items: readonly T[]
  /**
   * What else may be applied with them: of objects that are defined several times side by side, one definition
   * each. There is always one, which may be empty.
   */
  readonly fills: readonly (readonly T[])[]
  /** One definition of each object that is defined, but not among `items`. */
  readonly elsewhere: readonly T[]
}

/**
 * Divides definitions so that no object is defined twice in one world, and twins of different places are in no
 * world together. A definition that has others beside it
 * belongs to the widest folder that holds no other one of the same object, else to its file, else to its place
 * in the file; everything else in that folder belongs there too. What stands outside all of these is in every
 * world.
 */
export function separate<T extends Definition>(items: readonly T[]): readonly Separate<T>[] {
  const containers = containersOf(items)
  if (containers.size === 0) return [{ place: [], items, fills: [[]], elsewhere: [] }]
  const chainOf = (path: readonly string[]): readonly string[] =>
    path.flatMap((_, i) => {
      const key = keyOf(path.slice(0, i + 1))
      return containers.has(key) ? [key] : []
    })
  const byInnermost = Map.groupBy(items, ({ path }) => chainOf(path).at(-1) ?? '')
  const inner = [...containers].map(([key, container]) => ({
    key,
    container,
    chain: chainOf(container.path),
  }))
  const parents = new Set(inner.flatMap(({ chain }) => chain.slice(0, -1)))
  const leaves = inner.filter(({ key }) => !parents.has(key))
  const ownOf = ({ chain }: { readonly chain: readonly string[] }): readonly T[] =>
    ['', ...chain].flatMap(key => byInnermost.get(key) ?? [])
  const alternatives = leaves.filter(({ container }) => container.isInFile)
  const foldersOf = (chain: readonly string[]): readonly string[] =>
    chain.filter(key => !containers.get(key)!.isInFile)
  return leaves.map(leaf => {
    const own = ownOf(leaf)
    const others = alternatives
      .filter(other => other !== leaf && foldersOf(other.chain).every(key => leaf.chain.includes(key)))
      .map(other => other.chain.flatMap(key => byInnermost.get(key) ?? []))
    const [elsewhere = []] = fillsOf(own, [items])
    return { place: leaf.container.path, items: own, fills: fillsOf(own, others), elsewhere }
  })
}

interface Container {
  readonly path: readonly string[]
  /** It is a file or a place in one, and no folder. */
  readonly isInFile: boolean
}

const keyOf = (path: readonly string[]): string => path.join('\0')

/** The groups of definitions of which one world has one at most. */
export function repeatedOf<T extends Definition>(items: readonly T[]): readonly (readonly T[])[] {
  const twins = Map.groupBy(items, ({ twin }) => twin)
  twins.delete(undefined)
  return [
    ...[...Map.groupBy(items, ({ key }) => key).values()].filter(({ length }) => length > 1),
    // In one place they are meant to be there together.
    ...[...twins.values()].filter(group => new Set(group.map(({ path }) => keyOf(path))).size > 1),
  ]
}

function containersOf(items: readonly Definition[]): ReadonlyMap<string, Container> {
  const copies = repeatedOf(items)
  const all = copies.flatMap(group =>
    group.map((item): Container => {
      const shared = Math.max(
        ...group.map(other => (isOneOf(item, other) ? 0 : common(item.path, other.path))),
      )
      return {
        path: item.path.slice(0, shared + 1),
        isInFile: shared + 1 > item.folders,
      }
    }),
  )
  return new Map(all.map(container => [keyOf(container.path), container]))
}

/** Whether two of a group do not divide each other: it is one definition, or twins in one place. */
const isOneOf = (one: Definition, other: Definition): boolean =>
  one === other || (one.key !== other.key && keyOf(one.path) === keyOf(other.path))

/** How many parts two paths share from their beginning. */
function common(one: readonly string[], other: readonly string[]): number {
  const at = one.findIndex((part, i) => part !== other[i])
  return at < 0 ? one.length : at
}

/** At most so many combinations are looked at for one world. */
const mostFills = 64

/**
 * The ways to add one definition of each object that the alternatives define and `own` does not: each
 * alternative has its turn to come first.
 */
function fillsOf<T extends Definition>(
  own: readonly T[],
  alternatives: readonly (readonly T[])[],
): readonly (readonly T[])[] {
  const fills = new Map<string, readonly T[]>()
  for (const first of [[], ...alternatives]) {
    if (fills.size === mostFills) break
    const chosen: T[] = []
    const taken = new Taken(own)
    for (const item of [first, ...alternatives].flat()) if (taken.add(item)) chosen.push(item)
    const fill = chosen.sort((a, b) => (a.key < b.key ? -1 : 1))
    fills.set(JSON.stringify(fill.map(({ path }) => path)), fill)
  }
  return [...fills.values()]
}

/** What a world has once: objects by their keys, and twins by the place that they are of. */
class Taken {
  readonly #keys = new Set<string>()
  readonly #places = new Map<string, string>()
  constructor(items: readonly Definition[]) {
    for (const item of items) this.add(item)
  }
  /** Adds a definition; false where the world has the object or a twin of another place. */
  add({ key, twin, path }: Definition): boolean {
    if (this.#keys.has(key)) return false
    if (twin !== undefined) {
      if ((this.#places.get(twin) ?? keyOf(path)) !== keyOf(path)) return false
      this.#places.set(twin, keyOf(path))
    }
    this.#keys.add(key)
    return true
  }
}
