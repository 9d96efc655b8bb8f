import { anyOf, type Traffic } from '../../routing/traffic.ts'

/**
 * The versions that any route of a service leads to, also a route that is not reached: with shares, for a cohort,
 * for copies, or as the recorded stable version. `any` where a route leads to all pods alike.
 */
export function versionsInUse({ stable, versions, entryPoints }: Traffic): ReadonlySet<string> | 'any' {
  const named = new Set(
    [
      stable,
      ...entryPoints.flatMap(({ splits, cohorts, mirrors }) => [
        ...splits.flatMap(({ shares }) => shares.map(({ version }) => version)),
        ...cohorts.map(({ to }) => to),
        ...mirrors.map(({ version }) => version),
      ]),
    ].filter(name => name !== undefined),
  )
  return versions.length > 1 && named.has(anyOf(versions)) ? 'any' : named
}
