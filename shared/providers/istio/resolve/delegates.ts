import type { VirtualService } from '../../../objects/virtual-service.ts'
import { namespaceOf } from '../../../objects/kube-object.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { virtualServicesByDelegate } from './indexes/routing.ts'
import { routingOf, type Condition, type Route } from './objects/routes.ts'
import { fieldsOf, isFields } from '../../../objects/unchecked.ts'
import { once } from '../../../view/session.ts'

/** Why a route that delegates brings nothing, or less than it says. */
export interface BrokenDelegate {
  readonly route: Route
  readonly reason: 'missing' | 'has-hosts' | 'not-exported' | 'conflict'
}

/** The routes of a VirtualService as Istio reads them: each delegation replaced by the delegate's routes that fit into it. */
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
  return once(view, delegatedRoutes, object, () => {
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
  const merged = routes.filter(({ section }) => section === 'http').map(route => mergeRoute(root, route))
  return {
    routes: merged.filter(route => route !== undefined),
    broken: merged.some(route => route === undefined) ? broken('conflict').broken : [],
  }
}

/** The delegate's route under the root's conditions, standing where the root delegates; undefined where the conditions do not fit (mergeHTTPRoute). */
function mergeRoute(root: Route, route: Route): Route | undefined {
  const conditions = mergeConditions(root.conditions, route.conditions)
  if (conditions === undefined) return undefined
  const place = [...root.place, 'delegate']
  const own = route.targets.map(target => ({ ...target, place }))
  const mirrors = own.some(({ isMirror }) => isMirror) ? [] : root.targets.filter(({ isMirror }) => isMirror)
  return {
    ...route,
    place,
    conditions,
    targets: [...own, ...mirrors],
    delegate: root.delegate,
    written: route,
  }
}

function mergeConditions(
  root: readonly Condition[],
  leaf: readonly Condition[],
): readonly Condition[] | undefined {
  if (root.length === 0) return leaf
  if (leaf.length === 0) return root
  const merged = leaf.map(condition =>
    root.filter(over => !conflict(over, condition)).map(over => mergeCondition(over, condition)),
  )
  return merged.some(found => found.length === 0) ? undefined : merged.flat()
}

const mergeCondition = (root: Condition, leaf: Condition): Condition => ({
  ...leaf,
  gateways: leaf.gateways.length > 0 ? leaf.gateways : root.gateways,
  port: leaf.port ?? root.port,
  sourceNamespace: leaf.sourceNamespace ?? root.sourceNamespace,
  sourceLabels: { ...root.sourceLabels, ...leaf.sourceLabels },
  isCatchAll: leaf.isCatchAll && root.isCatchAll,
})

const plain = ['uri', 'scheme', 'method', 'authority'] as const
const keyed = ['headers', 'withoutHeaders', 'queryParams'] as const

/** Whether a delegate's condition asks for what the root's does not let through (hasConflict). */
function conflict(root: Condition, leaf: Condition): boolean {
  if (plain.some(field => textsConflict(root.fields[field], leaf.fields[field]))) return true
  if (
    keyed.some(field =>
      Object.entries(fieldsOf(leaf.fields[field])).some(([key, value]) =>
        textsConflict(fieldsOf(root.fields[field])[key], value),
      ),
    )
  )
    return true
  if ((root.fields['ignoreUriCase'] === true) !== (leaf.fields['ignoreUriCase'] === true)) return true
  if (root.port !== undefined && leaf.port !== undefined && root.port !== leaf.port) return true
  if (root.sourceNamespace !== undefined && leaf.sourceNamespace !== root.sourceNamespace) return true
  if (Object.entries(leaf.sourceLabels).some(([key, value]) => (root.sourceLabels[key] ?? value) !== value))
    return true
  return root.gateways.length > 0 && leaf.gateways.some(name => !root.gateways.includes(name))
}

function textsConflict(root: unknown, leaf: unknown): boolean {
  if (!isFields(root) || !isFields(leaf)) return false
  const says = (match: Readonly<Record<string, unknown>>, kind: string): string =>
    typeof match[kind] === 'string' ? match[kind] : ''
  if (says(root, 'regex') !== '' || says(leaf, 'regex') !== '')
    return ['regex', 'prefix', 'exact'].some(kind => says(leaf, kind) !== '') && hasAny(root)
  if (says(root, 'exact') !== '')
    return says(leaf, 'prefix') !== '' || says(leaf, 'exact') !== says(root, 'exact')
  if (says(root, 'prefix') === '') return true
  return !(says(leaf, 'prefix') || says(leaf, 'exact')).startsWith(says(root, 'prefix'))
}

const hasAny = (match: Readonly<Record<string, unknown>>): boolean =>
  ['regex', 'prefix', 'exact'].some(kind => typeof match[kind] === 'string' && match[kind] !== '')
