import { checkMirrors } from '../../shared/plan/mirror/check-mirrors.ts'
import { parseShares } from './weights.ts'

const form =
  'Write VERSION=PERCENT, like v2=25 or v2=25,v3=10; each version gets copies of that percentage of the requests.'

/**
 * `v2=25,v3=0.5`, in one word or several, as version → percent; throws `usage` for what is no percentage that a proxy
 * can keep to.
 */
export function parseMirrors(words: readonly string[]): ReadonlyMap<string, number> {
  const mirrors = parseShares(words, { what: 'mirrored percentage', form })
  checkMirrors(mirrors)
  return mirrors
}
