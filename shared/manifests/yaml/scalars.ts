/**
 * What kubectl makes of an unquoted scalar: the rules of go-yaml v2, which sigs.k8s.io/yaml keeps
 * (goyaml.v2/resolve.go). YAML 1.1's words
 * for true and false and its octal numbers, no base 60, timestamps stay text.
 */
export function resolvePlain(text: string): string | number | boolean | null {
  const first = text.charCodeAt(0)
  // Letters other than those that begin a word below are by far the most frequent.
  if (Number.isNaN(first)) return null
  if (maybeWord.has(first)) {
    const word = words.get(text)
    if (word !== undefined) return word
  }
  if (first === dot) return floatForm.test(text) ? Number(text) : text
  return (first >= zero && first <= nine) || first === plus || first === minus ? resolveNumber(text) : text
}

const [dot, zero, nine, plus, minus] = [46, 48, 57, 43, 45]
const words: ReadonlyMap<string, number | boolean | null> = new Map<string, number | boolean | null>([
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'].map(
    word => [word, true] as const,
  ),
  ...['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'].map(
    word => [word, false] as const,
  ),
  ...['~', 'null', 'Null', 'NULL'].map(word => [word, null] as const),
  ...['.nan', '.NaN', '.NAN'].map(word => [word, NaN] as const),
  ...['.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF'].map(word => [word, Infinity] as const),
  ...['-.inf', '-.Inf', '-.INF'].map(word => [word, -Infinity] as const),
])
const maybeWord = new Set([...words.keys()].map(word => word.charCodeAt(0)))

const floatForm = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/
const integerForms: readonly (readonly [RegExp, number])[] = [
  [/^[-+]?0[xX]([0-9a-fA-F]+)$/, 16],
  [/^[-+]?0[bB]([01]+)$/, 2],
  [/^[-+]?0[oO]?([0-7]+)$/, 8],
  [/^[-+]?([1-9][0-9]*|0)$/, 10],
]
/** The bounds of int64 and uint64: beyond them a decimal number is read as a float, another one as text. */
const [least, most] = [-(2n ** 63n), 2n ** 64n - 1n]

function resolveNumber(text: string): string | number {
  if (/^[1-9][0-9]{0,14}$/.test(text)) return Number(text)
  if (/^[0-9]{4}-/.test(text)) return text
  const digits = text.replaceAll('_', '')
  for (const [form, base] of integerForms) {
    const found = form.exec(digits)?.[1]
    if (found === undefined) continue
    const value =
      BigInt({ 16: '0x', 2: '0b', 8: '0o', 10: '' }[base] + found) * (digits.startsWith('-') ? -1n : 1n)
    // Go takes no sign before an unsigned number, so a plus sign ends at int64.
    if (value >= least && value <= (digits.startsWith('+') ? 2n ** 63n - 1n : most)) return Number(value)
  }
  return floatForm.test(digits) ? Number(digits) : text
}

/** YAML 1.2's core schema: what most other tools read. */
function resolveCore(text: string): string | number | boolean | null {
  if (/^(~|null|Null|NULL|)$/.test(text)) return null
  if (/^(true|True|TRUE)$/.test(text)) return true
  if (/^(false|False|FALSE)$/.test(text)) return false
  if (
    /^[-+]?[0-9]+$/.test(text)
    || /^0x[0-9a-fA-F]+$/.test(text)
    || /^0o[0-7]+$/.test(text)
    || floatForm.test(text)
  )
    return Number(text)
  if (/^[-+]?\.(inf|Inf|INF)$/.test(text)) return text.startsWith('-') ? -Infinity : Infinity
  return /^\.(nan|NaN|NAN)$/.test(text) ? NaN : text
}

/** Whether kubectl and a YAML 1.2 reader differ about an unquoted scalar, as with `on` or `014`. */
export function readsTwoWays(text: string): boolean {
  const value = resolvePlain(text)
  return typeof value !== 'string' && !Object.is(value, resolveCore(text))
}

/** Whether a text may stand unquoted and be read as that text by kubectl, by YAML 1.1 and by YAML 1.2. */
export function isPlainText(text: string, flow = false): boolean {
  return (
    (flow ? plainInFlow : plainInBlock).test(text)
    && !text.endsWith(' ')
    && !/: | #|:$/.test(text)
    && !looksOtherwise.test(text)
    && typeof resolvePlain(text) === 'string'
    && typeof resolveCore(text) === 'string'
  )
}

const plainInBlock = /^[A-Za-z0-9_/.^$(\\+<;][ -~]*$/
const plainInFlow = /^[A-Za-z0-9_/.^$(\\+<;](?:(?![,[\]{}:?])[ -~])*$/
/** Numbers of any dialect, base 60 and dates included, and the merge key. */
const looksOtherwise = /^([-+]?[.0-9][-+.:0-9eEtTzZ_ ]*|[-+]?0[xXbBoO][0-9a-fA-F_]*|<<|=)$/
