import { namespaceOf } from '../../objects/kube-object.ts'
import { serviceOfHost } from '../../objects/hosts.ts'
import type { VirtualService } from '../../objects/virtual-service.ts'
import { cohortsAnnotation, recordIn, type CohortRecord } from '../../providers/istio/read/record/record.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import { destinationHosts } from '../facts/destinations.ts'
import { removeCohortCommand } from '../../objects/kubectl-commands.ts'
import type { Rule } from '../rule.ts'

/** The end that `cohort --until` notes is a promise to people: nothing ends a cohort by itself. */
export const expiredCohort: Rule<'VirtualService'> = {
  id: 'expired-cohort',
  severity: { webhook: 'warning', lint: 'warning' },
  summary: 'A cohort is removed after its end.',
  fix: 'Remove the cohort: kubectl canary cohort NAME --remove. Or set a later end with --until.',
  subject: 'VirtualService',
  reads: [],
  *check(view, subject, { now }) {
    if (now === undefined) return
    for (const cohort of recordIn(subject)?.cohorts ?? []) {
      const { name, service, to, until } = cohort
      if (until === undefined || !(Date.parse(until) < now)) continue
      yield {
        path: ['metadata', 'annotations', cohortsAnnotation],
        message: `cohort ${name} of ${service} ended at ${until}, but its requests still go to ${to}`,
        about: `${service} ${name}`,
        fix: removeCohortCommand(name, serviceIn(view, subject, cohort)),
      }
    }
  },
}

/**
 * What a record calls `catalog.shop` is a Service, if a route leads to it; else it is the host of a
 * ServiceEntry, asked for from the VirtualService's namespace.
 */
function serviceIn(
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
