/** What a text must be to pass a condition. */
export type TextTest =
  | { readonly is: 'exact'; readonly text: string }
  | { readonly is: 'prefix'; readonly text: string }
  /** Whole elements of a path: `/foo` takes `/foo` and `/foo/bar`, not `/foobar`. Only the text `/` ends with a slash. */
  | { readonly is: 'path-prefix'; readonly text: string }
  | { readonly is: 'regex'; readonly pattern: string }
  | { readonly is: 'present' }

/**
 * A regex engine: whether a whole text matches a pattern. It must be linear in the text (RE2), because
 * patterns are written by others.
 */
export type Regex = (pattern: string) => (text: string) => boolean

/**
 * Beyond so many patterns the compiled ones are forgotten: they take more memory than what they are written
 * in.
 */
const mostPatterns = 10_000

/** An engine that compiles each pattern once. A pattern that it refuses matches nothing. */
export function cachedRegex(engine: Regex): Regex {
  const compiled = new Map<string, (text: string) => boolean>()
  return pattern => {
    const known = compiled.get(pattern)
    if (known !== undefined) return known
    if (compiled.size >= mostPatterns) compiled.clear()
    const made = compile(engine, pattern)
    compiled.set(pattern, made)
    return made
  }
}

function compile(engine: Regex, pattern: string): (text: string) => boolean {
  try {
    return engine(pattern)
  } catch {
    return () => false
  }
}

/** Whether a text passes; undefined is a text that is not there. */
export function passes(test: TextTest, text: string | undefined, regex: Regex): boolean {
  if (text === undefined) return false
  switch (test.is) {
    case 'exact':
      return text === test.text
    case 'prefix':
      return text.startsWith(test.text)
    case 'path-prefix':
      return text === test.text || text.startsWith(belowOf(test.text))
    case 'regex':
      return regex(test.pattern)(text)
    case 'present':
      return true
  }
}

/** The prefix of all paths below one: `/foo/`, and `/` itself. */
export const belowOf = (path: string): string => (path.endsWith('/') ? path : `${path}/`)

/** A test as it is written down. Whoever wrote it may have written anything. */
interface WrittenTest {
  readonly exact?: unknown
  readonly prefix?: unknown
  readonly regex?: unknown
}

/** A test that is written by one of three keys; without any of them only presence is asked for. */
export function testOf({ exact, prefix, regex }: WrittenTest): TextTest {
  if (typeof exact === 'string') return { is: 'exact', text: exact }
  if (typeof prefix === 'string') return { is: 'prefix', text: prefix }
  return typeof regex === 'string' ? { is: 'regex', pattern: regex } : { is: 'present' }
}

/** A test without a name, as people read it: `gold`, `go*`, `~ go.*`, `present`; of whole path elements `/foo/*`. */
export function formatTest(test: TextTest): string {
  switch (test.is) {
    case 'exact':
      return test.text
    case 'prefix':
      return `${test.text}*`
    case 'path-prefix':
      return `${belowOf(test.text)}*`
    case 'regex':
      return `~ ${test.pattern}`
    case 'present':
      return 'present'
  }
}

/** A test of what has a name, as people read it: `x-tenant: gold`, `x-tenant ~ go.*`, `x-tenant present`. */
export const formatNamedTest = (name: string, test: TextTest, separator: ': ' | '='): string =>
  `${name}${test.is === 'exact' || test.is === 'prefix' ? separator : ' '}${formatTest(test)}`
