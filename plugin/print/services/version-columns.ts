import type { Traffic } from '../../../shared/routing/traffic.ts'

/**
 * What stands for versions in the routes: subsets, or where versions are Services these. Subsets that are called as
 * the versions say nothing new, and are left out unless `wide`.
 */
export function columnsOf(
  versions: Traffic['versions'],
  wide: boolean,
): readonly (readonly ['SUBSET' | 'SERVICE', 'subset' | 'host'])[] {
  const isService = versions.some(({ host, name }) => host !== undefined && (wide || host !== name))
  const isSubset = wide
    ? !isService || versions.some(({ subset }) => subset !== undefined)
    : versions.some(({ subset, name }) => subset !== undefined && subset !== name)
  return [
    ...(isService ? [['SERVICE', 'host'] as const] : []),
    ...(isSubset ? [['SUBSET', 'subset'] as const] : []),
  ]
}
