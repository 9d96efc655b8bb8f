/**
 * How a namespace comes to see an object: it is of that namespace, exported to it by name, or to all. Earlier
 * ones take precedence in Istio.
 */
export type Reach = 0 | 1 | 2

export interface Exported {
  readonly exportTo: ReadonlySet<string>
  /** The namespace it is in. */
  readonly namespace: string
}

/**
 * Whether and how a client's namespace sees a VirtualService, Service or ServiceEntry; `fallback` is the
 * mesh's default (initVirtualServices, initServiceRegistry).
 */
export function reachOf(
  { exportTo, namespace }: Exported,
  client: string,
  fallback: readonly string[],
): Reach | undefined {
  if (exportTo.size === 0) {
    if (fallback.includes('.')) return client === namespace ? 0 : undefined
    return fallback.includes('*') ? 2 : undefined
  }
  if (exportTo.has('*')) return 2
  if (exportTo.has('~')) return undefined
  if (client === namespace && (exportTo.has('.') || exportTo.has(namespace))) return 0
  return client !== namespace && exportTo.has(client) ? 1 : undefined
}

/** What Istio orders by. */
export interface Aged {
  readonly created: string | undefined
  readonly name: string
  readonly namespace: string
}

/**
 * The older first, then by name and namespace. What has no creation time is yet to be created: it is newest,
 * and stays in the order it was given in.
 */
export function byAge(one: Aged, other: Aged): number {
  const [a, b] = [timeOf(one.created), timeOf(other.created)]
  if (a !== b) return a < b ? -1 : 1
  return a === Infinity ? 0 : compare(one.name, other.name) || compare(one.namespace, other.namespace)
}

const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0)

function timeOf(created: string | undefined): number {
  const time = created === undefined ? NaN : Date.parse(created)
  return Number.isNaN(time) ? Infinity : time
}
