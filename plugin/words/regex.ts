import { cachedRegex, type Regex } from '../../shared/routing/text-test.ts'
import type { CheckRegex } from './conditions.ts'

/** A checker of RE2 regexes, which is what Envoy reads; loaded only where a regex was typed. */
export async function checkRegexWith(): Promise<CheckRegex> {
  const { RE2JS } = await import('re2js')
  return regex => {
    try {
      RE2JS.compile(regex)
      return undefined
    } catch (error) {
      return error instanceof Error ? error.message.replace(/^error parsing regexp: /, '') : String(error)
    }
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
