/** A text of the same length for the package, and what gives its scalars back as they were. */
interface Masked {
  readonly masked: string
  readonly unmask: (text: string) => string
}

/**
 * Between brackets go-yaml takes a colon before a comma or bracket for a part of an unquoted text, as in
 * `[192.0.2.7, 2001:db8::]`, and a lone dash for a text; YAML 1.2 and the package do not. Both are hidden
 * from the package behind characters that the text does not have. A colon behind a quote, a bracket or nothing
 * ends a key for both.
 */
export function maskFlowText(text: string): Masked {
  if (!/[:-][,\]}]/.test(text)) return { masked: text, unmask: same => same }
  const [colon, dash] = unusedIn(text)
  return {
    masked: text
      .replaceAll(/(?<=[^\s"'[\]{},:])(:+)(?=[,\]}])/g, colons => colon.repeat(colons.length))
      .replaceAll(/(?<=[\s[{,])-(?=[,\]}])/g, dash),
    unmask: masked => masked.replaceAll(colon, ':').replaceAll(dash, '-'),
  }
}

/** Two characters of the private use area. */
function unusedIn(text: string): readonly [string, string] {
  const unused = []
  for (let code = 0xe000; unused.length < 2; code++) {
    const character = String.fromCharCode(code)
    if (!text.includes(character)) unused.push(character)
  }
  return unused as [string, string]
}
