import { keyOf, type Ref } from '../../shared/objects/kube-object.ts'
import type { Rejection } from '../../shared/routing/traffic.ts'

const rules: Readonly<Record<string, string>> = {
  VirtualService: ' (unreachable-route)',
  HTTPRoute: ' (unreachable-match)',
  GRPCRoute: ' (unreachable-match)',
}

/** The rule that explains why no request reaches a route of an object of this kind, after a blank; empty where there is none. */
export const unreachedRule = (kind: string): string => rules[kind] ?? ''

/** What is said of such a route; where only ages tell which of several objects takes its requests, and files do not have these, with that. */
export const formatUnreached = (
  kind: string,
  { unlessOlderThan = [] }: { readonly unlessOlderThan?: readonly Ref[] | undefined } = {},
): string =>
  `no request reaches this route${unlessOlderThan.length === 0 ? '' : `, unless it is older than ${unlessOlderThan.map(keyOf).join(' and ')}`}${unreachedRule(kind)}`

/** Why nothing of an object is in effect: `VirtualService shop/catalog is rejected (istio-rejects)`. */
export const formatRejection = (rejected: Rejection): string =>
  `${keyOf(rejected)} is rejected (${rejected.rule})`
