import type { KubeUser } from './entries.ts'

/** The headers that make a request act as somebody else. Upstream sends the user, and no groups, uid or extras. */
export function impersonation({
  impersonateUser: user,
  impersonateUid: uid,
  impersonateGroups: groups,
  impersonateExtra: extra,
}: KubeUser): Readonly<Record<string, string | string[]>> {
  if (!user) return {}
  return {
    'impersonate-user': user,
    ...(uid && { 'impersonate-uid': uid }),
    ...(groups?.length && { 'impersonate-group': [...groups] }),
    // Keys may hold what a header name may not (client-go, transport.headerKeyEscape).
    ...Object.fromEntries(
      Object.entries(extra ?? {}).map(([key, values]) => [
        `impersonate-extra-${encodeURIComponent(key)}`.toLowerCase(),
        [...values],
      ]),
    ),
  }
}
