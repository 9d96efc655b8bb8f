import type { ApisixRoute } from '../../../objects/apisix/apisix-route.ts'
import { fieldsOf, textsOf } from '../../../objects/unchecked.ts'
import { covers } from '../../../routing/covers.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { charge, once } from '../../../view/session.ts'
import { allRoutes } from './indexes.ts'
import { matchesOf, wildAt, type PathMatch } from './matches.ts'
import { classOf, priorityOf, rulesOf } from './rules.ts'

/** A path of a rule as APISIX has it. */
export interface TableEntry extends PathMatch {
  readonly route: ApisixRoute
  /** In lower case; none is every host. */
  readonly hosts: readonly string[]
  readonly priority: number
}

/** What the APISIX of an ingress class has, in no order. */
export const entriesOf = (view: ClusterView, ingressClass: string): readonly TableEntry[] =>
  once(view, [entriesOf, ingressClass], () =>
    allRoutes(view)
      .filter(route => classOf(route) === ingressClass)
      .flatMap(entriesOfRoute),
  )

function entriesOfRoute(route: ApisixRoute): readonly TableEntry[] {
  const rules = rulesOf(route)
  return matchesOf(route).map(read => {
    const rule = rules[read.rule]!
    return { ...read, route, hosts: hostsOf(route, read.rule), priority: priorityOf(rule) }
  })
}

/** The hosts of a rule, in lower case; none is every host. */
export const hostsOf = (route: ApisixRoute, rule: number): readonly string[] =>
  textsOf(fieldsOf(rulesOf(route)[rule]?.match)['hosts']).map(host => host.toLowerCase())

/** Whether two rules can answer for one host. */
export const hostsMeet = (some: readonly string[], others: readonly string[]): boolean =>
  some.length === 0
  || others.length === 0
  || some.some(host => others.some(other => isOver(host, other) || isOver(other, host)))

const isOver = (host: string, other: string): boolean =>
  host === other || (host.startsWith('*') && other.endsWith(host.slice(1)))

/** How exactly a rule names a host: undefined where it is not for that host. */
function hostRank(hosts: readonly string[], host: string): number | undefined {
  if (hosts.length === 0) return 0
  const ranks = hosts.filter(each => isOver(each, host)).map(each => (each === host ? 1000 : each.length))
  return ranks.length === 0 ? undefined : Math.max(...ranks)
}

/** Whether the router looks at hosts before paths: `radixtree_host_uri`, or `radixtree_uri`, which only filters by them. */
export type Router = 'host-first' | 'path-first'

/** What is tried at one time: those after it are tried where none of these takes the request. Of several no order is known. */
export type TriedAtOnce = readonly TableEntry[]

/**
 * What is tried for a host, in order: by the host, exact ones first (`radixtree_host_uri` alone); then exact paths before
 * prefixes, of these the longest first; of one prefix by priority, then by length. Nothing orders rules of one path and priority
 * (lua-resty-radixtree, sort_route and match_route; apisix/http/router/radixtree_host_uri.lua).
 */
export function triedFor(
  entries: readonly TableEntry[],
  host: string,
  { router }: { readonly router: Router },
): readonly TriedAtOnce[] {
  const ranked = entries.flatMap(entry => {
    const rank = hostRank(entry.hosts, host)
    if (rank === undefined) return []
    const { path, priority } = entry
    const wild = wildAt(path)
    const place = wild < 0 ? [1, 0, priority, 0] : [0, wild, priority, path.length]
    return [{ entry, key: [router === 'host-first' ? rank : 0, ...place] as const }]
  })
  const sorted = ranked.toSorted((a, b) => compareKeys(b.key, a.key))
  return [...Map.groupBy(sorted, ({ key }) => key.join(' ')).values()].map(those =>
    those.map(({ entry }) => entry),
  )
}

function compareKeys(one: readonly number[], other: readonly number[]): number {
  const at = one.findIndex((value, i) => value !== other[i])
  return at < 0 ? 0 : one[at]! - other[at]!
}

/** The rules of a route that take requests, by their places: none that has their hosts goes before and takes all. */
export const reachedRules = (view: ClusterView, route: ApisixRoute): ReadonlySet<number> =>
  once(view, [reachedRules, route], () => {
    const own = entriesOfRoute(route)
    const isTaken = (entry: TableEntry): boolean => {
      const others = entriesBeside(view, entry)
      charge(view, 1 + others.length / 20)
      return others.some(
        other =>
          orderOf(other, entry) > 0
          && other.unsure.length === 0
          && hasHosts(other.hosts, entry.hosts)
          && takesAllOf(other, entry),
      )
    }
    return new Set(own.filter(entry => !isTaken(entry)).map(({ rule }) => rule))
  })

/** Whether every router tries a rule for all hosts of another one that it tries that one for. */
const hasHosts = (some: readonly string[], others: readonly string[]): boolean =>
  others.length === 0 ? some.length === 0 : others.every(host => some.includes(host))

/** Whether a rule takes all requests of another one at the same place among the paths. */
const takesAllOf = ({ match }: TableEntry, other: TableEntry): boolean =>
  covers(match.path?.is === 'prefix' ? { ...match, path: undefined } : match, other.match)

/**
 * Whether of two entries at the same place among the paths the first is tried before the other (more than 0), by priority,
 * then by the length of the path as it is written; 0 where nothing orders them.
 */
export const orderOf = (
  one: Pick<TableEntry, 'priority' | 'path'>,
  other: Pick<TableEntry, 'priority' | 'path'>,
): number => one.priority - other.priority || one.path.length - other.path.length

/**
 * Where a path stands among all others: an exact one by itself, others with those that have the same text before what
 * stands for any text. Priorities order what stands at one place; the places are tried in an order of their own.
 */
function placeAmongPaths(path: string): string {
  const wild = wildAt(path)
  return wild < 0 ? `= ${path}` : path.slice(0, wild)
}

/** What an APISIX has at the place of an entry among the paths, itself among them. */
export const entriesBeside = (
  view: ClusterView,
  { route, path }: Pick<TableEntry, 'route' | 'path'>,
): readonly TableEntry[] => {
  const ingressClass = classOf(route)
  const byPlace = once(view, [entriesBeside, ingressClass], () =>
    Map.groupBy(entriesOf(view, ingressClass), each => placeAmongPaths(each.path)),
  )
  return byPlace.get(placeAmongPaths(path)) ?? []
}

/** What an APISIX has, by the paths as they are written. */
export const entriesByPath = (
  view: ClusterView,
  ingressClass: string,
): ReadonlyMap<string, readonly TableEntry[]> =>
  once(view, [entriesByPath, ingressClass], () =>
    Map.groupBy(entriesOf(view, ingressClass), ({ path }) => path),
  )
