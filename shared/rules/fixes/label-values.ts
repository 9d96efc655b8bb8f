/** Which value of a version label a workload without one may get. */
import type { Service } from '../../objects/core.ts'
import { providerOfService } from '../../providers/istio/resolve/objects/providers.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import { backingsOf } from '../../workloads/backings.ts'

/** The values of a label that a workload may get. */
export interface LabelValues {
  /** Those that subsets select, first those that no other workload behind the Service has. */
  readonly selected: readonly string[]
  /** What the workload is called after the Service, where another workload has each of those: it would share its requests. */
  readonly own: (name: string) => string | undefined
}

/** The values that subsets select, in the order in which a workload behind the Service is to get them. */
export function byNeed(
  view: ClusterView,
  values: readonly string[],
  { key, service }: { readonly key: string; readonly service: Service },
): LabelValues {
  const { selector = {}, namespace } = providerOfService(service)
  const taken = new Set(backingsOf(view, selector, namespace).map(({ labels }) => labels[key]))
  const free = values.filter(value => !taken.has(value))
  return {
    selected: [...free, ...values.filter(value => taken.has(value))],
    own: name => (free.length > 0 ? undefined : suffixOf(name, service.metadata.name)),
  }
}

/** `v2` of catalog-canary-v2, and `debug` of catalog-debug, behind the Service catalog. */
const suffixOf = (name: string, service: string): string | undefined =>
  /-(v\d[\w.]{0,20})$/.exec(name)?.[1]
  ?? (name.startsWith(`${service}-`) && name.length < service.length + 50
    ? name.slice(service.length + 1)
    : undefined)

/** `catalog-v2` is version v2, if there is such a subset; a name that says nothing leaves the first. */
export const likelyValue = (name: string, { selected, own }: LabelValues): string =>
  selected.find(value => name === value || name.endsWith(`-${value}`)) ?? own(name) ?? selected[0]!
