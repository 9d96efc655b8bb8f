import type { ApisixRoute } from '../../../objects/apisix/apisix-route.ts'
import type { Service } from '../../../objects/core.ts'
import { namespaceOf } from '../../../objects/kube-object.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { backingKinds } from '../../../workloads/workload-indexes.ts'
import { emptyService, lostWorkload } from '../../facts/backends/empty-service.ts'
import type { Rule, Worsening } from '../../rule.ts'
import { nameOfPart, partAt, placedParts, type PlacedPart } from '../../facts/backends/placed-parts.ts'

const serviceOfPart = (view: ClusterView, route: ApisixRoute, { name }: PlacedPart): Service | undefined =>
  view.get({ kind: 'Service', namespace: namespaceOf(route), name })

const worsening: Worsening = {
  summary:
    'An error in both if a change of the selector of the Service, or of the labels of a workload, removes the last workload.',
  weigh({ before, after }, finding) {
    const route = after.get(finding.ref) as ApisixRoute | undefined
    const part = route && partAt(after, route, { path: finding.path, field: 'serviceName' })
    const service = part && serviceOfPart(after, route, part)
    const lost = service && lostWorkload({ before, after }, service)
    return lost === undefined
      ? undefined
      : {
          severity: { webhook: 'error', lint: 'error' },
          message: `${finding.message}${lost}`,
        }
  },
}

/**
 * The controller makes the first backend the upstream of the rule itself, and configures no other one where that has no
 * addresses (translator/apisixroute.go, buildUpstream).
 */
export const apisixBackendMatchesNoWorkload: Rule<'ApisixRoute'> = {
  id: 'backend-matches-no-workload',
  severity: { webhook: 'warning', lint: 'warning' },
  summary: 'A backend of an HTTPRoute, GRPCRoute or ApisixRoute that gets requests has pods.',
  fix: 'Apply a workload whose pods have the labels of the Service, or correct the selector of the Service.',
  subject: 'ApisixRoute',
  reads: ['Service', 'ApisixUpstream', ...backingKinds, 'EndpointSlice', 'Endpoints'],
  needs: ['Service'],
  *check(view, route, settings) {
    for (const part of placedParts(view, route)) {
      const takesAllDown = part.isFirst && part.hasOthers
      if (part.skipped !== undefined || (!part.receives && !takesAllDown)) continue
      const service = serviceOfPart(view, route, part)
      if (service === undefined || service.spec?.type === 'ExternalName') continue
      const empty = emptyService(view, service, settings)
      if (empty === undefined) continue
      yield {
        path: [...part.place, 'serviceName'],
        message: `${nameOfPart(route, part)} ${empty.why}${takesAllDown ? ': as it is the first backend, all requests of the rule are answered with 503 since 2.0 of the ingress controller' : ''}`,
        about: `${part.name}${empty.isLater ? ' later' : ''}`,
        absent: 'workload',
        ...empty.fixed,
        tells: empty.tells,
        restsOn: empty.restsOn,
      }
    }
  },
  worsening,
}
