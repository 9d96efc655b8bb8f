import type { DestinationRule, Subset } from '../../../objects/destination-rule.ts'
import { listOf } from '../read/routed-service.ts'

/** The DestinationRule with one more subset at the end; unchanged where it has one of that name. */
export function addSubset(destinationRule: DestinationRule, subset: Subset): DestinationRule {
  const subsets = listOf(destinationRule.spec.subsets)
  if (subsets.some(({ name }) => name === subset.name)) return destinationRule
  return { ...destinationRule, spec: { ...destinationRule.spec, subsets: [...subsets, subset] } }
}

/**
 * What a new version's subset is called, in the manner of those that are there: `version-v3` beside
 * `version-v1`, else `v3`.
 */
export function subsetNameFor(version: string, beside: readonly Subset[]): string {
  const stems = new Set(
    beside.map(({ name, labels }) => {
      const label = labels?.['version']
      return label !== undefined && name.endsWith(label) ? name.slice(0, -label.length) : undefined
    }),
  )
  const [stem] = stems
  return stems.size === 1 && stem !== undefined ? `${stem}${version}` : version
}
