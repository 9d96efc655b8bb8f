import { resources, type Kind } from '../objects/kinds.ts'
import type { KubeObject } from '../objects/kube-object.ts'
import { valueAt, type Path } from '../objects/paths.ts'

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
