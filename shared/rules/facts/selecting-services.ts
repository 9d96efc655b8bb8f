import type { Service } from '../../objects/core.ts'
import type { Labels } from '../../objects/kube-object.ts'
import { mayMatch } from '../../workloads/backings.ts'
import { servicesBySelector } from '../../providers/istio/resolve/indexes/providers.ts'
import { providerOfService } from '../../providers/istio/resolve/objects/providers.ts'
import type { ClusterView } from '../../view/cluster-view.ts'

/** The Services of a namespace that select pods with these labels. */
export function servicesSelecting(view: ClusterView, namespace: string, labels: Labels): readonly Service[] {
  const found = Object.entries(labels).flatMap(([key, value]) =>
    view.find(servicesBySelector, `${namespace}/${key}=${value}`),
  )
  return [...new Set(found)].filter(service => mayMatch(providerOfService(service).selector ?? {}, labels))
}
