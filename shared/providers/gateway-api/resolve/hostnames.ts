/**
 * Hostnames of listeners and routes: exact, or `*.` and a domain, which takes all names below it however deep
 * (https://gateway-api.sigs.k8s.io/reference/spec/#hostname). `*` stands for every host. All are in lower case.
 */

/** How closely a hostname names a host: not at all (-1), as `*` (0), by a wildcard (its length), exactly. */
export function specificity(hostname: string, host: string): number {
  if (hostname === host) return Infinity
  if (hostname === '*') return 0
  return isUnder(host, hostname) ? hostname.length : -1
}

const isUnder = (host: string, wildcard: string): boolean =>
  wildcard.startsWith('*.') && host.length >= wildcard.length && host.endsWith(wildcard.slice(1))

/** The narrower of two hostnames of which one takes all that the other takes; undefined where none does. */
function narrower(one: string, other: string): string | undefined {
  if (one === other || other === '*' || isUnder(one, other)) return one
  return one === '*' || isUnder(other, one) ? other : undefined
}

/** The hostnames that a route has at a listener, each once; none where both name hosts and none is common. */
export function commonHostnames(listener: string, route: readonly string[]): readonly string[] {
  const asked = route.length === 0 ? ['*'] : route
  return [...new Set(asked.flatMap(hostname => narrower(listener, hostname) ?? []))]
}

/** Whether some host is taken by one hostname of each list. */
export const hostnamesMeet = (some: readonly string[], others: readonly string[]): boolean =>
  some.some(one => others.some(other => narrower(one, other) !== undefined))

/** A Host header as hostnames are compared with it: without a port, in lower case. */
export function hostWithoutPort(host: string): string {
  const colon = host.lastIndexOf(':')
  const hasPort = colon >= 0 && (host.indexOf(':') === colon || host[colon - 1] === ']')
  return (hasPort ? host.slice(0, colon) : host).toLowerCase()
}
