import type { KubeObject } from '../../shared/objects/kube-object.ts'

/**
 * More than a VirtualService of 1,000 routes has. Istio's schema has no limit, and an object of 1.5 MB that is made for it, as an array of 100,000 empty
 * routes, takes more time and memory to judge than a webhook has: it is not judged, and not kept.
 */
const mostParts = 20_000

/** Whether judging an object, as it is projected, would take too much. What is said of clients counts for every namespace and every set of labels named. */
export function isTooLarge(object: KubeObject): boolean {
  const seen = { parts: 0, namespaces: new Set<unknown>(), labels: new Set<string>() }
  const waiting: unknown[] = [object]
  while (waiting.length > 0) {
    const value = waiting.pop()
    if (typeof value !== 'object' || value === null) continue
    if (++seen.parts > mostParts) return true
    for (const item of Object.values(value)) if (typeof item === 'object' && item !== null) waiting.push(item)
    const { sourceNamespace, sourceLabels } = value as { readonly sourceNamespace?: unknown; readonly sourceLabels?: unknown }
    if (sourceNamespace !== undefined) seen.namespaces.add(sourceNamespace)
    if (sourceLabels !== undefined) seen.labels.add(JSON.stringify(sourceLabels))
  }
  // Judging asks for each client of those that the object tells apart which routes it has.
  return seen.parts * (1 + seen.namespaces.size) * (1 + seen.labels.size) > mostParts * 50
}

/** More braces, brackets and colons than any sound review of 8 MiB: parsed, each of them takes up to 100 bytes. */
const mostTokens = 400_000
const tokens: ReadonlySet<number> = new Set([...'{[:'].map(token => token.charCodeAt(0)))

/** Whether parsing a body would take too much memory, whatever is in it. */
export function isTooDense(body: Uint8Array): boolean {
  if (body.length < mostTokens) return false
  let count = 0
  for (const byte of body) if (tokens.has(byte) && ++count > mostTokens) return true
  return false
}
