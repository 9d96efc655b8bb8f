const rules: Readonly<Record<string, string>> = {
  VirtualService: ' (unreachable-route)',
  HTTPRoute: ' (unreachable-match)',
  GRPCRoute: ' (unreachable-match)',
}

/** The rule that explains why no request reaches a route of an object of this kind, after a blank; empty where there is none. */
export const unreachedRule = (kind: string): string => rules[kind] ?? ''

/** What is said of such a route. */
export const formatUnreached = (kind: string): string => `no request reaches this route${unreachedRule(kind)}`
