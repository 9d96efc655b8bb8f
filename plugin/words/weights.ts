import { CanaryError } from '../../shared/objects/canary-error.ts'
import { checkSplit } from '../../shared/plan/split/check-split.ts'

const form = 'Write VERSION=PERCENT, like v2=10 or v2=10,v3=5; the remainder goes to stable.'

/**
 * `v2=10,v3=5`, in one word or several, as version → percent; throws `usage` for anything that is not a split
 * of at most 100 %.
 */
export function parseWeights(words: readonly string[]): ReadonlyMap<string, number> {
  const weights = parseShares(words, { what: 'weight', form })
  checkSplit(weights)
  return weights
}

/** How percentages are called in errors, and in which form they are written. */
interface ShareWords {
  readonly what: string
  readonly form: string
}

/** `v2=10,v3=5`, in one word or several, as version → percent; throws `usage` for anything else. */
export function parseShares(words: readonly string[], said: ShareWords): ReadonlyMap<string, number> {
  const shares = new Map<string, number>()
  for (const item of words.flatMap(word => word.split(','))) {
    const { version, percent } = parseShare(item, said)
    if (shares.has(version)) throw usage(`${version} is given twice`, `Name each version once.`)
    shares.set(version, percent)
  }
  return shares
}

function parseShare(
  item: string,
  { what, form: hint }: ShareWords,
): { readonly version: string; readonly percent: number } {
  const equals = item.lastIndexOf('=')
  if (item === '') throw usage(`a ${what} is empty`, hint)
  if (equals < 0) throw usage(`${item} has no percentage`, `${hint} A Service is named before them.`)
  const version = item.slice(0, equals).trim()
  const text = item
    .slice(equals + 1)
    .trim()
    .replace(/%$/, '')
  if (version === '') throw usage(`=${text} names no version`, hint)
  if (version.includes('=')) throw usage(`${item} has two percentages`, hint)
  if (text === '' || !/^-?(\d+\.?\d*|\.\d+)$/.test(text))
    throw usage(`the ${what} of ${version} is not a number: ${JSON.stringify(text)}`, hint)
  return { version, percent: Number(text) || 0 }
}

const usage = (message: string, hint: string): CanaryError =>
  new CanaryError('usage', message, { hints: [hint] })
