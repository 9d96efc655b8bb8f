/**
 * A value that no API server has checked, taken as what it should be, else as nothing: files may hold
 * anything anywhere.
 */
type Fields = Readonly<Record<string, unknown>>

const none: Fields = {}

/** A mapping; an empty one for anything else. */
export const fieldsOf = (value: unknown): Fields => (isFields(value) ? value : none)

/** Whether there is a mapping at all, be it empty. */
export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A list's items; none for anything else. */
export const itemsOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

/** A text that says something. */
export const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined

/** The texts of a list, those of other types left out. */
export const textsOf = (value: unknown): readonly string[] =>
  itemsOf(value).filter(item => typeof item === 'string')

const noNames: ReadonlySet<string> = new Set()

/** The names in a list, to look one up. */
export const namesOf = (names: readonly string[]): ReadonlySet<string> =>
  names.length === 0 ? noNames : new Set(names)

/** A finite number. */
export const numberOf = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined

/** The pairs whose value is a text, as labels must be; the mapping itself where that is all of them. */
export function labelsOf(value: unknown): Readonly<Record<string, string>> {
  const fields = fieldsOf(value)
  const isAll = Object.values(fields).every(item => typeof item === 'string')
  return (
    isAll ? fields : Object.fromEntries(Object.entries(fields).filter(([, item]) => typeof item === 'string'))
  ) as Readonly<Record<string, string>>
}

/** Changes whenever everything derived is forgotten. */
let epoch = 0
let derivations = 0

/**
 * Forgets everything derived if it is of more than so many objects: it takes more memory than the objects
 * themselves. Only between two judgements, as
 * within one what is derived twice must be the same.
 */
export function forgetDerived(most: number): void {
  if (derivations <= most) return
  epoch++
  derivations = 0
}

/** What is derived from objects that are soon gone, by the object and by what derives it. */
let passing: ReadonlyMap<object, Map<unknown, unknown>> | undefined

/**
 * Keeps what is derived from some objects no longer than until an action is done. The values of a WeakMap outlive the
 * quick garbage collections, with the objects that they refer to; to collect those takes as long as the heap is large.
 */
export function derivingFor<T>(objects: readonly object[], act: () => T): T {
  const outer = passing
  passing = new Map(objects.map(object => [object, new Map()]))
  try {
    return act()
  } finally {
    passing = outer
  }
}

/** As `derivingFor` of one object, unless an action around this one keeps what is derived from it. */
export const derivingOnly = <T>(object: object, act: () => T): T =>
  passing?.has(object) === true ? act() : derivingFor([object], act)

/** What is derived from one object alone, derived once: objects are never changed in place. */
export function derivedOnce<T extends object, R>(derive: (object: T) => R): (object: T) => R {
  let known = new WeakMap<T, { readonly value: R }>()
  let since = epoch
  return object => {
    const own = passing?.get(object)
    if (own !== undefined) {
      const known = own.get(derive)
      if (known !== undefined || own.has(derive)) return known as R
      const value = derive(object)
      own.set(derive, value)
      return value
    }
    if (since !== epoch) {
      known = new WeakMap()
      since = epoch
    }
    const found = known.get(object)
    if (found !== undefined) return found.value
    const value = derive(object)
    known.set(object, { value })
    derivations++
    return value
  }
}
