import { anything, isCatchAll, type Match } from '../../../../routing/match.ts'
import type { TextTest } from '../../../../routing/text-test.ts'
import type { VirtualService } from '../../../../objects/virtual-service.ts'
import { askingRoutesOf, hostsIn, type AskingRoute } from './routes.ts'

/** A route whose requests all go to routes before it. */
export interface Shadowed<R extends AskingRoute> {
  readonly route: R
  /** The first of those. */
  readonly by: R
}

/** Of so many blocks about one path the others are not looked at: the search must not grow with the square. */
const mostBeside = 20

/** Longer prefixes hide nothing that is looked for: their number bounds the search in a list that means harm. */
const longestPrefix = 512

interface KnownBlock<T> {
  readonly match: Match
  readonly of: T
}

/** The blocks of the routes so far, by their paths, and how long the paths of those with a prefix are. */
interface KnownBlocks<T> {
  readonly byPath: Map<string, KnownBlock<T>[]>
  readonly lengths: Set<number>
}

/**
 * The http routes of a list that take no request, because routes before them take all that they ask for. What
 * a delegate does not take continues to the next route, so that a route that delegates hides none.
 */
export function shadowedIn<R extends AskingRoute>(routes: readonly R[]): readonly Shadowed<R>[] {
  const known: KnownBlocks<R> = { byPath: new Map(), lengths: new Set() }
  return routes.flatMap(route => {
    const blocks = route.conditions.map(({ match }) => match)
    const covering = blocks.map(block => coveringBlock(known, block))
    for (const match of route.delegate === undefined ? blocks : []) remember(known, { match, of: route })
    const [first] = covering
    return first !== undefined && covering.every(each => each !== undefined) ? [{ route, by: first.of }] : []
  })
}

/** Whether each block of the http routes of a VirtualService takes everything, in their order: `01,1`. */
export type Openness = string

/**
 * What its http routes leave to each other; undefined where some route takes all from another one, and for a VirtualService
 * that delegates or that others delegate to, as its matches are merged with theirs. Two states of one VirtualService that
 * differ in what they require of requests alone, and leave the same, do not differ otherwise to those whom they lead to.
 */
export function opennessOf(object: VirtualService): Openness | undefined {
  const routes = askingRoutesOf(object)
  if (hostsIn(object).length === 0) return undefined
  if (routes.some(({ delegate }) => delegate !== undefined) || shadowedIn(routes).length > 0) return undefined
  return routes.map(({ conditions }) => conditions.map(({ isCatchAll: all }) => Number(all)).join('')).join()
}

/** For each of the matches of a list, whether an earlier one takes all requests that it matches. */
export const hiddenIn = (matches: readonly Match[]): readonly boolean[] =>
  hidersIn(matches).map(hider => hider !== undefined)

/** For each of the matches of a list, the place of an earlier one that takes all requests that it matches. */
export function hidersIn(matches: readonly Match[]): readonly (number | undefined)[] {
  const known: KnownBlocks<number> = { byPath: new Map(), lengths: new Set() }
  return matches.map((each, i) => {
    const match = isCatchAll({ ...anything, path: each.path }) ? { ...each, path: undefined } : each
    const hider = coveringBlock(known, match)?.of
    remember(known, { match, of: i })
    return hider
  })
}

function remember<T>({ byPath, lengths }: KnownBlocks<T>, block: KnownBlock<T>): void {
  const { path } = block.match
  if (path?.is === 'prefix' && path.text.length <= longestPrefix) lengths.add(path.text.length)
  const key = keyOfPath(path)
  const beside = byPath.get(key) ?? []
  if (beside.length < mostBeside) byPath.set(key, [...beside, block])
}

function coveringBlock<T>({ byPath, lengths }: KnownBlocks<T>, inner: Match): KnownBlock<T> | undefined {
  const { path } = inner
  const text = path?.is === 'exact' || path?.is === 'prefix' ? path.text : ''
  const prefixes = [...lengths]
    .filter(length => length <= text.length)
    .map(length => `^${text.slice(0, length)}`)
  for (const key of new Set([keyOfPath(undefined), ...prefixes, keyOfPath(path)])) {
    const found = byPath.get(key)?.find(({ match }) => covers(match, inner))
    if (found !== undefined) return found
  }
  return undefined
}

function keyOfPath(path: TextTest | undefined): string {
  if (path === undefined || path.is === 'present') return ''
  return path.is === 'regex' ? `~${path.pattern}` : `${path.is === 'exact' ? '=' : '^'}${path.text}`
}

/** Whether every request that meets the inner match meets the outer one as well; false where that is not sure. */
const covers = (outer: Match, inner: Match): boolean =>
  (outer.ignoresCase === inner.ignoresCase || outer.path === undefined)
  && coversText(outer.path, inner.path)
  && coversText(outer.method, inner.method)
  && coversText(outer.scheme, inner.scheme)
  && coversText(outer.authority, inner.authority)
  && (['headers', 'claims', 'query'] as const).every(part =>
    outer[part].every(({ name, test }) =>
      inner[part].some(other => other.name === name && coversText(test, other.test)),
    ),
  )
  && (['withoutHeaders', 'withoutClaims'] as const).every(part =>
    outer[part].every(({ name, test }) =>
      inner[part].some(other => other.name === name && isSame(test, other.test)),
    ),
  )
  && coversCaller(outer, inner)

const coversCaller = (outer: Match, inner: Match): boolean =>
  Object.entries(outer.callerLabels).every(([key, value]) => inner.callerLabels[key] === value)
  && (outer.callerNamespace === undefined || outer.callerNamespace === inner.callerNamespace)
  && (outer.port === undefined || outer.port === inner.port)
  && (outer.entrances.length === 0
    || (inner.entrances.length > 0 && inner.entrances.every(entrance => outer.entrances.includes(entrance))))

function coversText(outer: TextTest | undefined, inner: TextTest | undefined): boolean {
  if (outer === undefined) return true
  if (inner === undefined) return false
  if (outer.is === 'present') return true
  if (outer.is === 'prefix')
    return (inner.is === 'exact' || inner.is === 'prefix') && inner.text.startsWith(outer.text)
  return isSame(outer, inner)
}

function isSame(one: TextTest, other: TextTest): boolean {
  if (one.is === 'present' || other.is === 'present') return one.is === other.is
  if (one.is === 'regex' || other.is === 'regex')
    return one.is === 'regex' && other.is === 'regex' && one.pattern === other.pattern
  return one.is === other.is && one.text === other.text
}
