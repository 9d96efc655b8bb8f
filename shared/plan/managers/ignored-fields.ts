import { isEqual } from '../../objects/content/equal.ts'
import type { KubeObject } from '../../objects/kube-object.ts'
import { fieldsOf, isFields, textOf } from '../../objects/unchecked.ts'
import { jqPaths, valueAt, type ValuePath } from './jq-paths.ts'

/** Where a tool does not compare an object with its source. */
export interface IgnoredFields {
  /** RFC 6901 */
  readonly pointers: readonly string[]
  readonly jqPaths: readonly string[]
}

/**
 * Whether an edit changes nothing that a tool compares: without the ignored fields, the object before and after is the
 * same. The tools take the fields out of both sides in this way, too.
 */
export function changesOnlyIgnored(before: KubeObject, after: KubeObject, ignored: IgnoredFields): boolean {
  const [left, right] = [before, after].map(object => withoutFields(comparedOf(object, before), ignored))
  return isEqual(left, right)
}

/**
 * What tools compare: fields that are in their source. An annotation that is not in it is a difference of nobody;
 * what kubectl applied last says which are, else those of our own are taken for not in it.
 */
function comparedOf(object: KubeObject, before: KubeObject): unknown {
  const { metadata, apiVersion: _a, kind: _k, ...rest } = object
  const { status: _s, ...written } = rest as Readonly<Record<string, unknown>>
  const inSource = appliedKeys(before)
  const kept = (key: string): boolean =>
    inSource === undefined ? !key.startsWith('kubectl-canary/') : inSource.has(key)
  const annotations = Object.entries(metadata.annotations ?? {}).filter(
    ([key]) => Object.hasOwn(before.metadata.annotations ?? {}, key) && kept(key),
  )
  return {
    ...written,
    metadata: { labels: metadata.labels ?? {}, annotations: Object.fromEntries(annotations) },
  }
}

function appliedKeys({ metadata }: KubeObject): ReadonlySet<string> | undefined {
  const text = textOf(fieldsOf(metadata.annotations)['kubectl.kubernetes.io/last-applied-configuration'])
  if (text === undefined) return undefined
  try {
    const applied: unknown = JSON.parse(text)
    return new Set(Object.keys(fieldsOf(fieldsOf(fieldsOf(applied)['metadata'])['annotations'])))
  } catch {
    return undefined
  }
}

/** One after the other; an expression that fails on the object leaves it as it is. */
function withoutFields(value: unknown, { pointers, jqPaths: expressions }: IgnoredFields): unknown {
  let left = value
  for (const pointer of pointers) {
    const path = pathOf(pointer, left)
    if (path !== undefined) left = without(left, [path])
  }
  for (const expression of expressions) {
    const paths = jqPaths(expression, left)
    if (paths !== undefined) left = without(left, paths)
  }
  return left
}

/** The place that a pointer names; undefined where nothing is there. */
function pathOf(pointer: string, value: unknown): ValuePath | undefined {
  if (pointer === '') return []
  if (!pointer.startsWith('/')) return undefined
  const path: (string | number)[] = []
  for (const part of pointer.slice(1).split('/')) {
    const parent = valueAt(value, path)
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~')
    path.push(Array.isArray(parent) && /^\d+$/.test(name) ? Number(name) : name)
  }
  return valueAt(value, path) === undefined ? undefined : path
}

/** The value without what is at some places; without an own place, nothing is left. */
function without(value: unknown, paths: readonly ValuePath[]): unknown {
  if (paths.some(path => path.length === 0)) return undefined
  if (paths.length === 0) return value
  const inner = Map.groupBy(paths, ([key]) => key)
  const later = (key: string | number, item: unknown): readonly unknown[] => {
    const rest = inner.get(key)?.map(path => path.slice(1))
    if (rest === undefined) return [item]
    return rest.some(path => path.length === 0) ? [] : [without(item, rest)]
  }
  if (Array.isArray(value)) return value.flatMap((item, i) => later(i, item))
  if (!isFields(value)) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]) => later(key, item).map(left => [key, left])),
  )
}
