import { CanaryError } from '../../shared/objects/canary-error.ts'
import { checkSplit } from '../../shared/plan/split/check-split.ts'

const form = 'Write VERSION=PERCENT, like v2=10 or v2=10,v3=5; the remainder goes to stable.'

/**
 * `v2=10,v3=5`, in one word or several, as version → percent; throws `usage` for anything that is not a split
 * of at most 100 %.
 */
export function parseWeights(words: readonly string[]): ReadonlyMap<string, number> {
  const weights = new Map<string, number>()
  for (const item of words.flatMap(word => word.split(','))) {
    const { version, percent } = parseWeight(item)
    if (weights.has(version)) throw usage(`${version} is given twice`, `Name each version once.`)
    weights.set(version, percent)
  }
  checkSplit(weights)
  return weights
}

function parseWeight(item: string): { readonly version: string; readonly percent: number } {
  const equals = item.lastIndexOf('=')
  if (equals < 0) throw usage(item === '' ? 'a weight is empty' : `${item} has no percentage`, form)
  const version = item.slice(0, equals).trim()
  const text = item
    .slice(equals + 1)
    .trim()
    .replace(/%$/, '')
  if (version === '') throw usage(`=${text} names no version`, form)
  if (version.includes('=')) throw usage(`${item} has two percentages`, form)
  if (text === '' || !/^-?(\d+\.?\d*|\.\d+)$/.test(text))
    throw usage(`the weight of ${version} is not a number: ${JSON.stringify(text)}`, form)
  return { version, percent: Number(text) || 0 }
}

const usage = (message: string, hint: string): CanaryError =>
  new CanaryError('usage', message, { hints: [hint] })
