import { RE2JS } from 're2js'

const known = new Map<string, string | undefined>()
/** Most patterns of a cluster are copies of few. */
const mostKnown = 500

/** What is wrong with a pattern in RE2's syntax, which Envoy reads. */
export function re2Fault(pattern: string): string | undefined {
  if (known.has(pattern)) return known.get(pattern)
  const fault = compiled(pattern)
  if (known.size < mostKnown) known.set(pattern, fault)
  return fault
}

function compiled(pattern: string): string | undefined {
  try {
    RE2JS.compile(pattern)
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message.replace(/^error parsing regexp: /, '') : String(error)
  }
}
