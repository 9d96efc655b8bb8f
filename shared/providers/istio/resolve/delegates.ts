import type { VirtualService } from '../../../objects/virtual-service.ts'
import { namespaceOf } from '../../../objects/kube-object.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { virtualServicesByDelegate } from './indexes/routing.ts'
import { routingOf, withoutShare, type MatchBlock, type Route } from './objects/routes.ts'
import { fieldsOf, isFields, itemsOf } from '../../../objects/unchecked.ts'
import { isCatchAll, type Match } from '../../../routing/match.ts'
import type { TextTest } from '../../../routing/text-test.ts'
import { once } from '../../../view/session.ts'
import { matchOf, type MatchSource } from './objects/match.ts'
import { answersItself, destinationsIn, mirrorIn, mirrorsIn } from './objects/targets.ts'

type Fields = Readonly<Record<string, unknown>>

/** Why a route that delegates brings nothing, or less than it says. */
export interface BrokenDelegate {
  readonly route: Route
  readonly reason: 'missing' | 'has-hosts' | 'not-exported' | 'conflict'
}

/**
 * The routes of a VirtualService as Istio reads them: each delegation replaced by the delegate's routes that
 * fit into it.
 */
export interface Delegated {
  readonly routes: readonly Route[]
  readonly broken: readonly BrokenDelegate[]
}

/** The VirtualServices that delegate to this one. */
export const rootsOf = (view: ClusterView, object: VirtualService): readonly VirtualService[] =>
  view
    .find(virtualServicesByDelegate, `${namespaceOf(object)}/${object.metadata.name}`)
    .filter(root => routingOf(root).hosts.length > 0)

export function delegatedRoutes(view: ClusterView, object: VirtualService): Delegated {
  const { routes, hosts, namespace } = routingOf(object)
  if (hosts.length === 0 || routes.every(({ delegate }) => delegate === undefined))
    return { routes, broken: [] }
  return once(view, [delegatedRoutes, object], () => {
    const expanded = routes.map(route =>
      route.delegate === undefined ? { routes: [route], broken: [] } : expand(view, route, namespace),
    )
    return { routes: expanded.flatMap(one => one.routes), broken: expanded.flatMap(one => one.broken) }
  })
}

function expand(view: ClusterView, root: Route, rootNamespace: string): Delegated {
  const { name, namespace } = root.delegate!
  const object = view.get({ kind: 'VirtualService', namespace, name })
  const broken = (reason: BrokenDelegate['reason']): Delegated => ({
    routes: [],
    broken: [{ route: root, reason }],
  })
  if (object === undefined) return broken('missing')
  const { hosts, exportTo, routes } = routingOf(object)
  if (hosts.length > 0) return broken('has-hosts')
  const visible = [...(exportTo.size > 0 ? exportTo : view.mesh.defaultExportTo.virtualService)].map(to =>
    to === '.' ? namespace : to,
  )
  if (!visible.includes('*') && !visible.includes(rootNamespace)) return broken('not-exported')
  const merged = routes
    .filter(({ section }) => section === 'http')
    .map(leaf => mergeRoute({ root, leaf, rootNamespace }))
  return {
    routes: merged.filter(route => route !== undefined),
    broken: merged.some(route => route === undefined) ? broken('conflict').broken : [],
  }
}

/** Who delegates, and who is delegated to. */
interface Delegation {
  readonly root: Route
  readonly leaf: Route
  readonly rootNamespace: string
}

/**
 * The delegate's route under the root's conditions, standing where the root delegates; undefined where the
 * conditions do not fit (mergeHTTPRoute).
 */
function mergeRoute({ root, leaf, rootNamespace }: Delegation): Route | undefined {
  const conditions = mergeConditions(root.conditions, leaf.conditions)
  if (conditions === undefined) return undefined
  const place = [...root.place, 'delegate']
  const fields = mergeFields(root.fields, leaf.fields)
  const above = { place: root.place, namespace: rootNamespace }
  const inherited = [
    ...(isFields(leaf.fields['mirror']) ? [] : mirrorIn(fields, above)),
    ...(itemsOf(leaf.fields['mirrors']).length > 0 ? [] : mirrorsIn(fields, above)),
  ]
  const below = { place: leaf.place, namespace: root.delegate!.namespace }
  const own = [
    ...destinationsIn(leaf.fields, below),
    ...(isFields(leaf.fields['mirror']) ? mirrorIn(fields, below) : []),
    ...mirrorsIn(leaf.fields, below),
  ].map(target => ({ ...target, placeInDelegate: target.place, place }))
  const targets = [...own, ...inherited]
  return {
    ...leaf,
    place,
    name: joined(root.name, leaf.name),
    conditions,
    targets: answersItself(fields) ? targets.map(withoutShare) : targets,
    delegate: root.delegate,
    written: leaf,
    fields,
  }
}

const joined = (root: string | undefined, leaf: string | undefined): string | undefined =>
  root === undefined || leaf === undefined ? (leaf ?? root) : `${root}-${leaf}`

/** What a delegate's route takes over where it says nothing itself. */
const inheritedFields = [
  'rewrite',
  'directResponse',
  'timeout',
  'retries',
  'fault',
  'mirror',
  'mirrorPercent',
  'mirror_percent',
  'mirrorPercentage',
  'corsPolicy',
  'mirrors',
  'headers',
] as const

function mergeFields(root: Fields, leaf: Fields): Fields {
  const taken = inheritedFields.filter(field => isNothing(leaf[field]) && !isNothing(root[field]))
  return taken.length === 0
    ? leaf
    : { ...leaf, ...Object.fromEntries(taken.map(field => [field, root[field]])) }
}

const isNothing = (value: unknown): boolean =>
  value === undefined || value === null || (Array.isArray(value) && value.length === 0)

function mergeConditions(
  root: readonly MatchBlock[],
  leaf: readonly MatchBlock[],
): readonly MatchBlock[] | undefined {
  if (root.length === 0) return leaf
  if (leaf.length === 0) return root
  const merged = leaf.map(under =>
    root.filter(over => !conflict(over, under)).map(over => mergeCondition(over, under)),
  )
  return merged.some(found => found.length === 0) ? undefined : merged.flat()
}

/** A delegate's condition with what the root's asks besides (mergeHTTPMatchRequest). */
function mergeCondition(root: MatchBlock, leaf: MatchBlock): MatchBlock {
  const source = {
    gateways: leaf.gateways.length > 0 ? leaf.gateways : root.gateways,
    port: leaf.port ?? root.port,
    sourceNamespace: leaf.sourceNamespace ?? root.sourceNamespace,
    sourceLabels: { ...root.sourceLabels, ...leaf.sourceLabels },
  }
  const block = mergeBlocks(root.block, leaf.block)
  const match = matchOf(block, source)
  return {
    ...leaf,
    ...source,
    name: joined(root.name, leaf.name),
    block,
    match,
    isCatchAll: isCatchAll(match),
  }
}

const mergeBlocks = (root: Fields, leaf: Fields): Fields => ({
  ...leaf,
  ...Object.fromEntries(
    (['uri', 'scheme', 'method', 'authority'] as const)
      .filter(field => !isFields(leaf[field]) && isFields(root[field]))
      .map(field => [field, root[field]]),
  ),
  ...Object.fromEntries(
    (['headers', 'withoutHeaders', 'queryParams'] as const)
      .filter(field => isFields(root[field]))
      .map(field => [field, { ...fieldsOf(root[field]), ...fieldsOf(leaf[field]) }]),
  ),
})

const plain = ['path', 'scheme', 'method', 'authority'] as const
const named = ['headers', 'withoutHeaders', 'query'] as const

/** Whether a delegate's condition asks for what the root's does not let through (hasConflict). */
const conflict = (root: MatchBlock, leaf: MatchBlock): boolean =>
  requestConflict(root.match, leaf.match) || sourceConflict(root, leaf)

const requestConflict = (root: Match, leaf: Match): boolean =>
  root.ignoresCase !== leaf.ignoresCase
  || plain.some(part => testsConflict(root[part], leaf[part]))
  || named.some(part =>
    leaf[part].some(({ name, test }) =>
      testsConflict(root[part].find(other => other.name === name)?.test, test),
    ),
  )

function sourceConflict(root: MatchSource, leaf: MatchSource): boolean {
  if (root.port !== undefined && leaf.port !== undefined && root.port !== leaf.port) return true
  if (root.sourceNamespace !== undefined && leaf.sourceNamespace !== root.sourceNamespace) return true
  if (Object.entries(leaf.sourceLabels).some(([key, value]) => (root.sourceLabels[key] ?? value) !== value))
    return true
  if (root.gateways.length === 0 || leaf.gateways.length === 0) return false
  return (
    root.gateways.length < leaf.gateways.length || leaf.gateways.some(name => !root.gateways.includes(name))
  )
}

/**
 * Whether what a delegate requires of a text is not within what the root asks, as far as Istio compares them
 * (stringMatchConflict).
 */
function testsConflict(root: TextTest | undefined, leaf: TextTest | undefined): boolean {
  if (root === undefined || leaf === undefined) return false
  if (root.is === 'regex' || root.is === 'present' || leaf.is === 'regex' || leaf.is === 'present')
    return true
  if (root.text === '' || leaf.text === '') return true
  return root.is === 'exact'
    ? leaf.is === 'prefix' || leaf.text !== root.text
    : !leaf.text.startsWith(root.text)
}
