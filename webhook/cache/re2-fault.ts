import { RE2JS } from 're2js'

const known = new Map<string, string | undefined>()
/** Most patterns of a cluster are copies of a few. */
const mostKnown = 500

/**
 * Compiled, `a{1000}` has a thousand times its length: 1 KB of such text takes half a second and 80 MiB. Larger
 * patterns are not checked.
 */
const mostSize = 5_000
/** The most for all patterns of one object. */
const mostTogether = 50_000
/** The least that a pattern counts. */
const leastSize = 20

/**
 * Checks the patterns of one object by RE2's syntax, which Envoy uses; finds nothing in further patterns once
 * they are too many.
 */
export function re2FaultsOfOne(): (pattern: string) => string | undefined {
  let together = 0
  return pattern => {
    if (known.has(pattern)) return known.get(pattern)
    // Before it is measured, which is slow for a long pattern of open brackets.
    if (pattern.length > mostSize || together > mostTogether) return undefined
    const size = sizeOf(pattern)
    together += leastSize + size
    return size > mostSize || together > mostTogether ? undefined : re2Fault(pattern)
  }
}

function re2Fault(pattern: string): string | undefined {
  const fault = compiled(pattern)
  if (known.size < mostKnown) known.set(pattern, fault)
  return fault
}

const tokens = /\\[pP](?:\{[^}]*\}|[A-Z])|\\[\s\S]|\[(?:\\[\s\S]|[^\]\\])*\]|\{\d+(?:,\d*)?\}|[\s\S]/g
/** About as many parts as a character class has ranges. */
const sizeOfClass = 50

/** The approximate length of a pattern when each repetition is written out. */
function sizeOf(pattern: string): number {
  const groups = [0]
  let last = 0
  const add = (size: number): void => {
    groups.push(groups.pop()! + size)
  }
  for (const [token] of pattern.matchAll(tokens)) {
    if (token === '(') {
      groups.push(1)
    } else if (token === ')' && groups.length > 1) {
      last = groups.pop()!
      add(last)
    } else if (token.startsWith('{') && token.length > 1) {
      const times = Math.max(1, ...token.slice(1, -1).split(',').map(Number))
      add(last * (times - 1))
      last *= times
    } else {
      last = /^(?:\[|\\[pP])/.test(token) ? sizeOfClass : 1
      add(last)
    }
  }
  return groups.reduce((sum, size) => sum + size, 0)
}

function compiled(pattern: string): string | undefined {
  try {
    RE2JS.compile(pattern)
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message.replace(/^error parsing regexp: /, '') : String(error)
  }
}
