import { cachedRegex, type Regex } from '../../shared/routing/text-test.ts'
import type { CheckRegex } from './conditions.ts'

/**
 * A checker of RE2 regexes, which is what Envoy reads; loaded only where a regex was typed. Checks each pattern
 * once: routes repeat them.
 */
export async function checkRegexWith(): Promise<CheckRegex> {
  const { RE2JS } = await import('re2js')
  const known = new Map<string, string | undefined>()
  const faultOf = (pattern: string): string | undefined => {
    try {
      RE2JS.compile(pattern)
      return undefined
    } catch (error) {
      return error instanceof Error ? error.message.replace(/^error parsing regexp: /, '') : String(error)
    }
  }
  return pattern => {
    if (!known.has(pattern)) known.set(pattern, faultOf(pattern))
    return known.get(pattern)
  }
}

/** The engine by which requests are matched, as Envoy does: the whole text, in time linear in it. */
export async function regexEngine(): Promise<Regex> {
  const { RE2JS } = await import('re2js')
  return cachedRegex(pattern => {
    const compiled = RE2JS.compile(pattern)
    return text => compiled.matches(text)
  })
}
