import type { DestinationRule, Subset } from '../../../objects/destination-rule.ts'
import { versionSaid } from '../../../objects/labels.ts'
import { listOf } from '../read/routed-service.ts'

/** The DestinationRule with one more subset at the end; unchanged where it has one of that name. */
export function addSubset(destinationRule: DestinationRule, subset: Subset): DestinationRule {
  const subsets = listOf(destinationRule.spec.subsets)
  if (subsets.some(({ name }) => name === subset.name)) return destinationRule
  return { ...destinationRule, spec: { ...destinationRule.spec, subsets: [...subsets, subset] } }
}

/**
 * What a new version's subset is called, in the manner of those that are there: `version-v3` beside
 * `version-v1`, else `v3`. Istio wants a DNS label (ValidateDestinationRule, validateSubset), so that version `1.4.0` has
 * the subset `1-4-0`.
 */
export function subsetNameFor(version: string, beside: readonly Subset[]): string {
  const stems = new Set(
    beside.map(({ name, labels }) => {
      const label = dnsLabel(versionSaid(labels ?? {}) ?? '')
      return label !== '' && name.endsWith(label) ? name.slice(0, -label.length) : undefined
    }),
  )
  const [stem] = stems
  const name = stems.size === 1 && stem !== undefined ? `${stem}${dnsLabel(version)}` : dnsLabel(version)
  const taken = new Set(beside.map(other => other.name))
  for (let count = 1; ; count++) {
    const suffix = count === 1 ? '' : `-${count}`
    const free = name.slice(0, longestLabel - suffix.length).replace(/-+$/, '') + suffix
    if (!taken.has(free)) return free
  }
}

/** RFC 1123. */
const longestLabel = 63

/** A text with what a DNS label cannot have as dashes. */
const dnsLabel = (text: string): string =>
  text
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
