import { namespaceOf } from '../../objects/kube-object.ts'
import { serviceOfHost } from '../../objects/hosts.ts'
import { canaryWords, removeCohortWords } from '../../objects/text/kubectl-commands.ts'
import type { VirtualService } from '../../objects/virtual-service.ts'
import { recordIn } from '../../providers/istio/read/record/record.ts'
import { type CohortRecord } from '../../routing/record/record.ts'
import type { Reference } from '../../providers/istio/resolve/evaluate.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import { destinationHosts } from '../facts/destinations.ts'
import type { Violation } from '../rule.ts'

/**
 * Where a destination is that of a cohort, the command that removes the cohort: its version may be gone for good. The
 * routes by which users keep a version go with the canary.
 */
export function removingCohort(
  view: ClusterView,
  subject: VirtualService,
  reference: Reference,
): Pick<Violation, 'canary'> {
  const cohort = cohortOf(subject, reference)
  if (cohort === undefined) return {}
  const service = recordedService(view, subject, cohort)
  return {
    canary: cohort.sticky === true ? canaryWords('abort', service) : removeCohortWords(cohort.name, service),
  }
}

/** The cohort whose route a destination is in. */
export const cohortOf = (subject: VirtualService, { route }: Reference): CohortRecord | undefined =>
  route.name === undefined || route.delegate !== undefined
    ? undefined
    : recordIn(subject)?.cohorts.find(({ routes }) => routes.includes(route.name!))

/**
 * What a record calls `catalog.shop` is a Service, if a route leads to it; else it is the host of a
 * ServiceEntry, asked for from the VirtualService's namespace.
 */
export function recordedService(
  view: ClusterView,
  subject: VirtualService,
  { service: id }: CohortRecord,
): { readonly name: string; readonly namespace: string } {
  const services = destinationHosts(view, subject).flatMap(
    host => serviceOfHost(host, view.mesh.clusterDomain) ?? [],
  )
  return (
    services.find(({ name, namespace }) => `${name}.${namespace}` === id) ?? {
      name: id,
      namespace: namespaceOf(subject),
    }
  )
}
