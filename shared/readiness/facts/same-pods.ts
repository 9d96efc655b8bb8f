import { countedShares } from '../../routing/traffic.ts'
import type { ServiceSubject } from '../subject.ts'

/**
 * The first versions of one split that are defined alike, so that each gets requests of the others: their shares divide
 * nothing. Where a controller owns the service, it writes what tells them apart.
 */
export function definedAlike(
  { reading, owner }: Pick<ServiceSubject, 'reading' | 'owner'>,
  definitions: ReadonlyMap<string, string>,
): readonly string[] {
  if (owner !== undefined) return []
  for (const shares of reading.traffic.entryPoints.flatMap(countedShares)) {
    const names = new Set(shares.filter(({ percent }) => percent > 0).map(({ version }) => version))
    const defined = [...names].filter(name => definitions.has(name))
    const alike = Map.groupBy(defined, name => definitions.get(name)!)
    const several = [...alike.values()].find(group => group.length > 1)
    if (several !== undefined) return several
  }
  return []
}
