/** An element as an XML parser hands it on. */
export interface Element {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: Element[]
  text: string
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/** Reads what XML 1.0 calls well-formed, as far as reports need it (no comments, no CDATA); throws for anything else. */
export function readXml(source: string): Element {
  if (/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u.test(source))
    throw new SyntaxError('a character that XML does not have')
  const body = source.replace(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n/, '').replaceAll(/\r\n?/g, '\n')
  const root: Element = { name: '', attributes: {}, children: [], text: '' }
  const open = [root]
  for (const [, text = '', tag] of body.matchAll(/([^<]*)(?:<([^<>]*)>|$)/g)) {
    const parent = open.at(-1)!
    parent.text += decoded(text)
    if (tag === undefined) continue
    if (tag.startsWith('/')) {
      if (open.pop()!.name !== tag.slice(1)) throw new SyntaxError(`</${tag}> closes nothing`)
      continue
    }
    const element = elementOf(tag.replace(/\/$/, ''))
    parent.children.push(element)
    if (!tag.endsWith('/')) open.push(element)
  }
  if (open.length > 1 || root.children.length !== 1 || root.text.trim() !== '')
    throw new SyntaxError('not one closed root')
  return root.children[0]!
}

function elementOf(tag: string): Element {
  const [name = ''] = /^[a-z-]+/.exec(tag) ?? []
  const found = [...tag.slice(name.length).matchAll(/\s+([A-Za-z][\w-]*)="([^"<]*)"/gy)]
  if (name === '' || found.map(([whole]) => whole).join('') !== tag.slice(name.length).trimEnd())
    throw new SyntaxError(`<${tag}> is no tag`)
  // Line breaks and tabs of an attribute become spaces, unless they are written as references.
  return {
    name,
    attributes: Object.fromEntries(
      found.map(([, key, value]) => [key, decoded(value!.replaceAll(/[\n\t]/g, ' '))]),
    ),
    children: [],
    text: '',
  }
}

const decoded = (text: string): string =>
  text.replaceAll(/&(?:#(\d+)|([a-z]+));|&/g, (whole, code?: string, name?: string) => {
    const char = code !== undefined ? String.fromCodePoint(Number(code)) : entities[name ?? '']
    if (char === undefined) throw new SyntaxError(`${whole} is no reference`)
    return char
  })
