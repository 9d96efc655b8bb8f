import { expandHost } from '../../objects/hosts.ts'
import { isKind } from '../../objects/kinds.ts'
import { namespaceOf, type KubeObject } from '../../objects/kube-object.ts'
import { valueAt } from '../../objects/paths.ts'
import type { Placeholder } from '../../view/sources.ts'
import type { Path } from '../rule.ts'
import { isWithin } from './fillings.ts'
import type { Patterns } from './patterns.ts'

/** An edit of the routes to one host. */
export interface HostEdit {
  readonly host: string
  readonly clusterDomain: string
  readonly patterns: Patterns
  /** It copies the matches of routes, and compares them. */
  readonly withMatches: boolean
}

/**
 * The first field that is still to be filled in and decides what the edit does: in a route that may lead to
 * the host, or in the subsets that may be its own. Undefined where there is none.
 */
export const decidingField = (
  object: KubeObject,
  placeholders: readonly Placeholder[],
  edit: HostEdit,
): Placeholder | undefined =>
  placeholders.find(({ path }) =>
    isKind('DestinationRule', object)
      ? (path[1] === 'host' || path[1] === 'subsets')
        && mayBe(valueAt(object, ['spec', 'host']), object, edit)
      : isKind('VirtualService', object)
        ? decidesRoute(object, path, edit)
        : decidesRule(object, path, edit),
  )

/** The fields of a rule of the other routing APIs that say where its requests go, and what it takes. */
const ruleFields = {
  HTTPRoute: { section: 'rules', targets: ['backendRefs', 'filters'], match: 'matches' },
  GRPCRoute: { section: 'rules', targets: ['backendRefs', 'filters'], match: 'matches' },
  ApisixRoute: { section: 'http', targets: ['backends', 'upstreams'], match: 'match' },
} as const

function decidesRule(object: KubeObject, path: Path, edit: HostEdit): boolean {
  const kind = (['HTTPRoute', 'GRPCRoute', 'ApisixRoute'] as const).find(one => isKind(one, object))
  const [, section, index, field] = path
  if (kind === undefined || index === undefined || section !== ruleFields[kind].section) return false
  const { targets, match } = ruleFields[kind]
  const deciding: readonly string[] = [...targets, ...(edit.withMatches ? [match] : [])]
  // What a filter sets on requests stays as it is; a mirror leads to a Service.
  if (path.includes('filters') && !path.includes('requestMirror')) return false
  const rule = valueAt(object, ['spec', section, index])
  return deciding.includes(String(field)) && backendsIn(rule, targets).some(name => mayBe(name, object, edit))
}

/** The Services of all backends and mirrors of one rule, as hosts. */
const backendsIn = (rule: unknown, targets: readonly string[]): readonly unknown[] =>
  targets
    .flatMap(key => valueAt(rule, [key]) ?? [])
    .map(item => valueAt(item, ['requestMirror', 'backendRef']) ?? item)
    .map(item => valueAt(item, ['serviceName']) ?? valueAt(item, ['name']))

function decidesRoute(object: KubeObject, path: Path, edit: HostEdit): boolean {
  const [, section, index, field, , part] = path
  if (!['http', 'tcp', 'tls'].includes(String(section)) || index === undefined) return false
  // What a destination sets on requests stays as it is.
  if (field === 'route' && part === 'headers') return false
  const deciding = ['route', 'mirror', 'mirrors', 'mirrorPercentage', ...(edit.withMatches ? ['match'] : [])]
  return (
    deciding.includes(String(field))
    && hostsIn(valueAt(object, ['spec', section!, index])).some(host => mayBe(host, object, edit))
  )
}

/** The hosts of all destinations and mirrors of one route. */
function hostsIn(route: unknown): readonly unknown[] {
  const items = (key: string): readonly unknown[] => [valueAt(route, [key]) ?? []].flat()
  return [...items('route'), ...items('mirrors'), ...items('mirror')].map(
    item => valueAt(item, ['destination', 'host']) ?? valueAt(item, ['host']),
  )
}

/** A host whose very name is open may be that of any service: it is no reason to refuse the edit of each. */
function mayBe(said: unknown, object: KubeObject, { host, clusterDomain, patterns }: HostEdit): boolean {
  if (typeof said !== 'string') return false
  const expanded = expandHost(said, namespaceOf(object), clusterDomain)
  const isNamed = !patterns.isOpen(expanded.split('.')[0]!)
  return expanded === host || (isNamed && patterns.couldBeEqual(expanded, host))
}

/** A text with a placeholder that an object has in its subsets, and had not before. */
export function newOpenSubset(
  { before, after }: { readonly before?: KubeObject | undefined; readonly after?: KubeObject | undefined },
  patterns: Patterns,
): string | undefined {
  if (after === undefined || !isKind('DestinationRule', after)) return undefined
  const old = JSON.stringify(valueAt(before, ['spec', 'subsets']) ?? [])
  return textsIn(valueAt(after, ['spec', 'subsets'])).find(
    text => patterns.isOpen(text) && !old.includes(JSON.stringify(text)),
  )
}

const textsIn = (value: unknown): readonly string[] =>
  typeof value === 'string'
    ? [value]
    : typeof value === 'object' && value !== null
      ? Object.values(value).flatMap(textsIn)
      : []

/** The fields of an object as it is now that have the placeholders it had when it was read. */
export const stillOpen = (
  object: KubeObject,
  placeholders: readonly Placeholder[],
): readonly Placeholder[] => {
  const texts = new Set(placeholders.flatMap(one => one.texts))
  const tops = new Set(placeholders.map(({ path }) => path[0]))
  const find = (value: unknown, path: Path): readonly Placeholder[] => {
    if (typeof value === 'object' && value !== null)
      return Object.entries(value).flatMap(([key, inner]) =>
        find(inner, [...path, Array.isArray(value) ? Number(key) : key]),
      )
    const found = typeof value === 'string' ? [...texts].filter(text => value.includes(text)) : []
    return found.length === 0 ? [] : [{ path, texts: found }]
  }
  return find(object, []).filter(
    ({ path }) => tops.has(path[0]) && !isWithin(path, ['metadata', 'annotations']),
  )
}
