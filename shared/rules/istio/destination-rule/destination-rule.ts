import { firstPlaces } from '../../../objects/text/first-places.ts'
import type { Path } from '../../rule.ts'
import { checkExportTo } from '../export-to.ts'
import type { Fault } from '../../schema/fault.ts'
import { checkLabels, checkSelector, faultAt, subsetFault, wildcardDomainFault } from '../names.ts'
import { checkTrafficPolicy, type TrafficPolicy } from './traffic-policy.ts'

/** A DestinationRule's spec that holds its schema. */
export interface CheckedDestinationRule {
  readonly host?: string
  readonly trafficPolicy?: TrafficPolicy
  readonly subsets?: readonly {
    readonly name: string
    readonly labels?: Readonly<Record<string, string>>
    readonly trafficPolicy?: TrafficPolicy
  }[]
  readonly exportTo?: readonly string[]
  readonly workloadSelector?: { readonly matchLabels?: Readonly<Record<string, string>> }
}

/**
 * What Istio's webhook says against a DestinationRule, beyond its schema (istio/pkg/config/validation,
 * ValidateDestinationRule).
 */
export function* checkDestinationRule(spec: CheckedDestinationRule, namespace: string): Iterable<Fault> {
  const { host = '', trafficPolicy, subsets = [], exportTo = [], workloadSelector } = spec
  yield* faultAt(['spec', 'host'], wildcardDomainFault(host))
  if (trafficPolicy !== undefined)
    yield* checkTrafficPolicy(trafficPolicy, namespace, ['spec', 'trafficPolicy'])
  const names = firstPlaces(subsets.map(({ name }) => name))
  for (const [i, { name, labels, trafficPolicy: own }] of subsets.entries()) {
    const at: Path = ['spec', 'subsets', i]
    if (names.get(name)! < i) yield { path: [...at, 'name'], message: `subset ${name} is defined twice` }
    yield* faultAt([...at, 'name'], subsetFault(name))
    yield* checkLabels(labels, [...at, 'labels'])
    if (own !== undefined) yield* checkTrafficPolicy(own, namespace, [...at, 'trafficPolicy'])
  }
  yield* checkExportTo(exportTo, { namespace, hasSelector: workloadSelector !== undefined }, [
    'spec',
    'exportTo',
  ])
  yield* checkSelector(workloadSelector?.matchLabels, ['spec', 'workloadSelector', 'matchLabels'])
}
