import { resources, type Kind } from '../objects/kinds.ts'
import type { KubeObject } from '../objects/kube-object.ts'
import { valueAt, type Path } from '../objects/paths.ts'

/**
 * A value without the keys whose value is null, at any depth; the very value where there is none. The API
 * server drops a null where the schema does not allow it (Helm renders `match:` without a value), and where
 * it does, null means that nothing is set. A null item of a list stays: there it is a fault.
 */
export function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) {
    const items = value.map(withoutNulls)
    return items.every((item, i) => item === value[i]) ? value : items
  }
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value)
  const kept = entries.filter(([, item]) => item !== null).map(([key, item]) => [key, withoutNulls(item)])
  return kept.length === entries.length && kept.every(([, item], i) => item === entries[i]![1])
    ? value
    : Object.fromEntries(kept)
}

/**
 * The first list item that is null and that no API server takes: anywhere in an object of Istio's, whose schema
 * says so, and among the ports of a Service. Elsewhere null may be an empty text, as among the arguments of a
 * container. Undefined where there is none.
 */
export function nullItemIn(object: KubeObject, kind: Kind): Path | undefined {
  const path = kind === 'Service' ? ['spec', 'ports'] : ['spec']
  return kind === 'Service' || resources[kind].group === 'networking.istio.io'
    ? nullBelow(valueAt(object, path), path)
    : undefined
}

function nullBelow(value: unknown, path: Path): Path | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const isList = Array.isArray(value)
  for (const [key, inner] of Object.entries(value)) {
    const place = [...path, isList ? Number(key) : key]
    const found = inner === null && isList ? place : nullBelow(inner, place)
    if (found !== undefined) return found
  }
  return undefined
}
