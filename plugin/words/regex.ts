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
