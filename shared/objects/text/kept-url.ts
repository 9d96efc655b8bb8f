/** A name of an environment variable, as a URL has it: `${NAME}`. */
const variable = /\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g

/** The environment variables that a URL names. */
export const variablesIn = (text: string): readonly string[] =>
  [...text.matchAll(variable)].map(([, name = '']) => name)

/** A URL with the values of its variables; those of the user and the password are escaped. */
export function withVariables(text: string, valueOf: (name: string) => string): string {
  const [, scheme = '', proof, rest = text] = /^([a-z]+:\/\/)([^/?#@]*)@(.*)$/is.exec(text) ?? []
  const filled = (part: string, escape = (value: string) => value): string =>
    part.replaceAll(variable, (_, name: string) => escape(valueOf(name)))
  return proof === undefined ? filled(text) : `${scheme}${filled(proof, encodeURIComponent)}@${filled(rest)}`
}

/**
 * What stands against keeping a URL of http or https where others can read it: that it is none, or that it has a password
 * or a token before its host which is not in a variable.
 */
export function faultOfUrl(text: string): 'no-url' | 'has-secret' | undefined {
  const plain = withVariables(text, () => 'x')
  const isWhole = /^\$\{\w+\}$/.test(text)
  if (!isWhole && !isWebAddress(plain)) return 'no-url'
  const [, proof = ''] = /^https?:\/\/([^/?#]*)@/i.exec(text) ?? []
  if (proof === '') return undefined
  const [user = '', ...password] = proof.split(':')
  const secret = password.length === 0 ? user : password.join(':')
  return secret.replaceAll(variable, '') === '' ? undefined : 'has-secret'
}

/** Whether a text is a URL of http or https. */
export const isWebAddress = (text: string): boolean =>
  URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)
