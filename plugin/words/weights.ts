import { CanaryError } from '../../shared/objects/canary-error.ts'

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
  const sum = [...weights.values()].reduce((total, percent) => total + percent, 0)
  if (sum > 100)
    throw usage(
      `the weights add up to ${sum} %, which is more than 100 %`,
      `${[...weights.keys()].join(' and ')} together can get at most 100 %; the remainder goes to stable.`,
    )
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
  const percent = Number(text)
  if (text === '' || !/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text))
    throw usage(`the weight of ${version} is not a number: ${JSON.stringify(text)}`, form)
  if (percent < 0)
    throw usage(`the weight of ${version} is negative: ${text}`, 'A weight is a whole number from 0 to 100.')
  if (percent > 100)
    throw usage(`the weight of ${version} is above 100: ${text}`, 'A weight is a whole number from 0 to 100.')
  if (!/^\d+$/.test(text))
    throw usage(
      `the weight of ${version} is not a whole number: ${text}`,
      'A weight is a whole number from 0 to 100.',
    )
  return { version, percent }
}

const usage = (message: string, hint: string): CanaryError =>
  new CanaryError('usage', message, { hints: [hint] })
