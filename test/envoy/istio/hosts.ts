/** Whether every name of one host is one of another (`SubsetOf` in pkg/config/host/name.go). A wildcard takes any beginning. */
export function isWithin(host: string, other: string): boolean {
  if (!isWildcard(other)) return host === other
  if (isWildcard(host) && host.length < other.length) return false
  return host.slice(isWildcard(host) ? 1 : 0).endsWith(other.slice(1))
}

/** Whether a host stands for many. */
export const isWildcard = (host: string): boolean => host.startsWith('*')

/** The narrower of each two hosts of which one is within the other, in the order of the first list (`Names.Intersection`). */
export const intersection = (hosts: readonly string[], others: readonly string[]): readonly string[] => [
  ...new Set(
    hosts.flatMap(host =>
      others.flatMap(other => (isWithin(host, other) ? [host] : isWithin(other, host) ? [other] : [])),
    ),
  ),
]

/** A short name is one of the object's namespace; all else stays as it is. */
export const expandHost = (host: string, namespace: string): string =>
  host.includes('*') || host.includes('.') ? host : `${host}.${namespace}.svc.cluster.local`
