import { CanaryError } from '../../shared/objects/canary-error.ts'
import type { StringMatch } from '../../shared/objects/virtual-service.ts'
import { doubled, type Condition } from '../../shared/routing/condition.ts'

/** The conditions of a cohort as they were typed. */
export interface ConditionWords {
  readonly header?: readonly string[] | undefined
  readonly cookie?: readonly string[] | undefined
  readonly query?: readonly string[] | undefined
  readonly claim?: readonly string[] | undefined
  readonly sourceLabel?: readonly string[] | undefined
  /** `5%`, by the header `by`, of whose values the last `digits` count. */
  readonly bucket?: string | undefined
  readonly by?: string | undefined
  readonly digits?: string | undefined
}

/** Says what is wrong with a regex for Envoy (RE2), or nothing. */
export type CheckRegex = (regex: string) => string | undefined

/**
 * The conditions that were typed, in the order of their kinds. Throws `usage` for a condition that no request
 * can meet, and for two about one thing.
 */
export function parseConditions(words: ConditionWords, checkRegex: CheckRegex): readonly Condition[] {
  const conditions: readonly Condition[] = [
    ...(words.header ?? []).map(word => headerOf(word, checkRegex)),
    ...(words.cookie ?? []).map(cookieOf),
    ...(words.query ?? []).map(word => queryOf(word, checkRegex)),
    ...(words.claim ?? []).map(word => claimOf(word, checkRegex)),
    ...(words.sourceLabel ?? []).map(sourceLabelOf),
    ...bucketOf(words),
  ]
  const seen = new Set<string>()
  for (const { on, name } of conditions) {
    if (seen.has(`${on} ${name}`))
      throw usage(
        `--${on} ${name} is given twice`,
        'All conditions must hold; use one regex for several values.',
      )
    seen.add(`${on} ${name}`)
  }
  if (doubled(conditions) === 'cookie') {
    throw usage(
      'Istio tests all cookies with one regex on the header cookie, so only one condition can test it',
      'Use one cookie, or --header cookie:regex=… for several.',
    )
  }
  if (words.claim !== undefined && words.sourceLabel !== undefined)
    throw usage(
      '--claim and --source-label cannot hold for one request: Istio reads tokens at gateways only, and callers have labels in the mesh only',
      'Leave one of them out.',
    )
  const twice = doubled(conditions)
  if (twice !== undefined)
    throw usage(
      `the header ${twice} is tested by --bucket and by --header`,
      'Istio tests a header once in a route: leave one of them out.',
    )
  return conditions
}

/** Whether a condition is a regex, so that the checker has to be loaded. */
export const hasRegex = ({ header = [], query = [], claim = [] }: ConditionWords): boolean =>
  [...header, ...query, ...claim].some(word => /^[^=]*:regex=/.test(word))

/** RFC 9110, 5.6.2: what the name of a header or a cookie is made of. */
const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/

function headerOf(word: string, checkRegex: CheckRegex): Condition {
  const { key, match } = splitWord('header', word, checkRegex)
  if (!token.test(key))
    throw usage(
      `"${key}" is not a valid header name`,
      'Write --header name=value, name:prefix=value, name:regex=value, or name alone for any value.',
    )
  // RFC 9110, 5.5: recipients drop blanks at the ends of a value.
  if (/^\s|[\r\n\0]/.test(match?.exact ?? match?.prefix ?? '') || /\s$/.test(match?.exact ?? ''))
    throw usage(
      `--header ${key}: no request has a header whose value begins or ends with a blank, or has a line break`,
      'Leave them out.',
    )
  return { on: 'header', name: key.toLowerCase(), match: match ?? {} }
}

function cookieOf(word: string): Condition {
  const equals = word.indexOf('=')
  const name = equals < 0 ? word : word.slice(0, equals)
  const value = word.slice(equals + 1)
  if (equals < 0 || !token.test(name))
    throw usage(`--cookie ${word} is not name=value`, 'Write it like --cookie beta=yes.')
  if (/[;\s,"\\]/.test(value))
    throw usage(
      `--cookie ${word}: a cookie value cannot hold blanks, commas, semicolons, quotes or backslashes`,
      'Write it as browsers send it, percent-encoded.',
    )
  return { on: 'cookie', name, value }
}

function queryOf(word: string, checkRegex: CheckRegex): Condition {
  const { key, match } = splitWord('query', word, checkRegex)
  if (match === undefined || key === '')
    throw usage(
      `--query ${word} is not name=value`,
      'Write it like --query beta=1 or --query beta:regex=1|2.',
    )
  return { on: 'query', name: key, match }
}

/**
 * A claim of a token: `group=internal`, `realm.roles=admin` for a nested one; where the name of a claim has dots,
 * in brackets, as Istio has it: `[https://example.com/group]=internal`.
 */
function claimOf(word: string, checkRegex: CheckRegex): Condition {
  const { key, match } = splitWord('claim', word, checkRegex)
  const name = claimName(key)
  if (match === undefined || name === undefined)
    throw usage(
      `--claim ${word} is not name=value`,
      'Write it like --claim group=internal, --claim realm.roles=admin for a nested claim, or --claim group:regex=a|b.',
    )
  return { on: 'claim', name, match }
}

/** The path of a claim as matches have it; undefined for what is none. */
function claimName(key: string): string | undefined {
  if (/^[^.[\]\s:/]+(\.[^.[\]\s:/]+)*$/.test(key)) return key
  const said = key.startsWith('[') || !/[:/]/.test(key) ? key : `[${key}]`
  if (!/^(\[[^[\]\s]+\])+$/.test(said)) return undefined
  const parts = said.slice(1, -1).split('][')
  return parts.some(part => part.includes('.')) ? said : parts.join('.')
}

/** The bucket that was typed, if one was. */
function bucketOf({ bucket, by, digits }: ConditionWords): readonly Condition[] {
  const extra = by !== undefined ? '--by' : digits !== undefined ? '--digits' : undefined
  if (bucket === undefined && extra !== undefined) throw usage(`${extra} needs --bucket`, bucketForm)
  if (bucket === undefined) return []
  if (by === undefined) throw usage('--bucket needs --by HEADER', bucketForm)
  if (!token.test(by)) throw usage(`"${by}" is not a valid header name`, bucketForm)
  if (digits !== undefined && digits !== 'decimal' && digits !== 'hex')
    throw usage(`--digits ${digits} is neither decimal nor hex`, bucketForm)
  return [{ on: 'bucket', name: by.toLowerCase(), percent: shareOf(bucket), digits: digits ?? 'decimal' }]
}

function shareOf(bucket: string): number {
  const percent = /^\d+(\.\d{1,2})?%?$/.test(bucket) ? Number(bucket.replace('%', '')) : NaN
  if (percent > 0 && percent < 100) return percent
  throw usage(
    `--bucket ${bucket} is not a share above 0 % and below 100 % with at most two decimals`,
    bucketForm,
  )
}

const bucketForm = 'Write it like --bucket 5% --by x-user-id, with --digits hex for ids such as UUIDs.'

/** Kubernetes' syntax of label keys and values. */
const labelKey = /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?$/
const labelValue = /^([A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?)?$/

function sourceLabelOf(word: string): Condition {
  const equals = word.indexOf('=')
  const name = word.slice(0, equals)
  const value = word.slice(equals + 1)
  if (equals < 0 || !labelKey.test(name) || !labelValue.test(value))
    throw usage(`--source-label ${word} is not a valid label`, 'Write it like --source-label app=webapp.')
  return { on: 'source-label', name, value }
}

function splitWord(
  flag: string,
  word: string,
  checkRegex: CheckRegex,
): { readonly key: string; readonly match?: StringMatch } {
  const [, key = '', how, value] = /^([^=]*?)(?::(prefix|regex|exact))?(?:=([^]*))?$/.exec(word) ?? []
  if (value === undefined) return { key: word }
  if (how === 'prefix' && value === '')
    throw usage(`--${flag} ${word}: the prefix is empty`, `Write --${flag} ${key} alone for any value.`)
  if (how !== 'regex') return { key, match: how === 'prefix' ? { prefix: value } : { exact: value } }
  const wrong = value === '' ? 'it is empty' : checkRegex(value)
  if (wrong !== undefined)
    throw usage(
      `--${flag} ${key}: the regex ${value} is not valid: ${wrong}`,
      'Envoy uses RE2 syntax, without look-around and back-references: https://github.com/google/re2/wiki/Syntax',
    )
  return { key, match: { regex: value } }
}

const usage = (message: string, hint: string): CanaryError =>
  new CanaryError('usage', message, { hints: [hint] })
