import type { Request } from './request.ts'

/** What a path is changed for: most have nothing of it. */
const special = /[%\\\x00-\x20"#<>?^`{|}\x7F-\uFFFF]|\/\./

/**
 * What is unescaped where it is escaped without need (RFC 3986, 2.3: unreserved); the dot is looked at
 * before.
 */
const unreserved = /^[A-Za-z0-9\-_~]$/

/** What is escaped where it is not. */
const unsafe = /[\x00-\x20"#<>?^`{|}\x7F-\u{10FFFF}]/u

/** What would be an escape after unescaping, but is none before: it stays none. */
const becomesEscape = /^%(?:[0-9A-Fa-f]|%3[0-9]|%[46][1-6]){2}/

/**
 * A path as Istio's proxies match it by the mesh's default (pathNormalization BASE): unreserved characters
 * unescaped, backslashes turned to
 * slashes, dot segments resolved; slashes are not merged. As Envoy's PathUtil::canonicalPath does it, by
 * googleurl's url_canon_path.cc.
 */
export function normalizePath(path: string): string {
  if (path.startsWith('/') && !special.test(path)) return path
  const text = withoutParameters(/^[/\\]/.test(path) ? path : `/${path}`)
  let out = ''
  for (let i = 0; i < text.length;) {
    const dot = dotAt(text, i)
    const step = dot > 0 ? stepOfDot(text, out, i + dot) : stepOfOther(text, i)
    out = step.isUp ? parentOf(out) : out + step.adds
    i = step.next
  }
  return out
}

/**
 * A segment of dots is one with parameters, too (Envoy since CVE-2026-73551: 1.36.10, 1.37.6, 1.38.4,
 * 1.39.1), unless something of it is escaped.
 */
const withoutParameters = (path: string): string => path.replace(/(?<=\/\.{1,2});[^/]*/g, '')

interface Step {
  readonly adds: string
  readonly next: number
  readonly isUp?: boolean
}

/** The length of a dot, escaped or not, at a place; 0 where there is none. */
const dotAt = (text: string, i: number): number =>
  text[i] === '.' ? 1 : /^%2e/i.test(text.slice(i, i + 3)) ? 3 : 0

const isSlash = (char: string | undefined): boolean => char === '/' || char === '\\'

/**
 * What a dot does that ends before a place: one or two of them after a slash, up to the next slash or the
 * end, are no name.
 */
function stepOfDot(text: string, out: string, after: number): Step {
  if (!out.endsWith('/')) return { adds: '.', next: after }
  const second = dotAt(text, after)
  for (const [end, isUp] of [
    [after, false],
    [after + second, second > 0],
  ] as const) {
    if (end === text.length) return { adds: '', next: end, isUp }
    if (isSlash(text[end]) && (isUp || end === after)) return { adds: '', next: end + 1, isUp }
  }
  return { adds: '.', next: after }
}

function stepOfOther(text: string, i: number): Step {
  const char = String.fromCodePoint(text.codePointAt(i)!)
  if (char === '\\') return { adds: '/', next: i + 1 }
  const hex = char === '%' ? text.slice(i + 1, i + 3) : ''
  if (/^[0-9A-Fa-f]{2}$/.test(hex)) {
    const meant = String.fromCharCode(Number.parseInt(hex, 16))
    return { adds: unreserved.test(meant) ? meant : `%${hex}`, next: i + 3 }
  }
  if (becomesEscape.test(text.slice(i, i + 7))) return { adds: '%25', next: i + 1 }
  return { adds: unsafe.test(char) ? escape(char) : char, next: i + char.length }
}

const escape = (char: string): string =>
  [...new TextEncoder().encode(char)]
    .map(byte => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)
    .join('')

const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/', path.length - 2) + 1) || '/'

/** A request whose path is as the proxy matches it, its query apart. */
export function asMatched(request: Request): Request {
  const mark = request.path.indexOf('?')
  if (mark < 0) {
    const path = normalizePath(request.path)
    return path === request.path ? request : { ...request, path }
  }
  const query = request.query ?? request.path.slice(mark + 1)
  return { ...request, path: normalizePath(request.path.slice(0, mark)), query }
}
