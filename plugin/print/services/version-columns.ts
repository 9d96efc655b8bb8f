import type { Traffic } from '../../../shared/routing/traffic.ts'

/** What stands for versions in the routes: subsets, or where versions are Services these. */
export function columnsOf(
  versions: Traffic['versions'],
  wide: boolean,
): readonly (readonly ['SUBSET' | 'SERVICE', 'subset' | 'host'])[] {
  if (!wide) return []
  const isService = versions.some(({ host }) => host !== undefined)
  const isSubset = !isService || versions.some(({ subset }) => subset !== undefined)
  return [
    ...(isService ? [['SERVICE', 'host'] as const] : []),
    ...(isSubset ? [['SUBSET', 'subset'] as const] : []),
  ]
}
