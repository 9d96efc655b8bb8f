const width = 150

/** JSON as text, each part on one line where it fits; lines after the first are indented. */
export function layOut(value: unknown, indent = ''): string {
  const short = inline(value)
  if (typeof value !== 'object' || value === null || indent.length + short.length <= width) return short
  const deeper = `${indent}  `
  const [open, close, parts] = Array.isArray(value)
    ? ['[', ']', value.map(part => layOut(part, deeper))]
    : [
        '{',
        '}',
        Object.entries(value).map(([key, part]) => `${JSON.stringify(key)}: ${layOut(part, deeper)}`),
      ]
  return `${open}\n${parts.map(part => deeper + part).join(',\n')}\n${indent}${close}`
}

function inline(value: unknown, space = ' '): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(part => inline(part, '')).join(', ')}]`
  const parts = Object.entries(value).map(([key, part]) => `${JSON.stringify(key)}: ${inline(part, '')}`)
  return parts.length === 0 ? '{}' : `{${space}${parts.join(', ')}${space}}`
}
