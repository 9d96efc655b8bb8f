import type { ServiceRoute } from '../../../objects/gateway-api.ts'
import { resolveBackend } from '../../../providers/gateway-api/resolve/backends.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { eachRoute, failureOf } from '../../facts/each-route.ts'
import { nameMeant, namesIn } from '../../facts/names/meant.ts'
import {
  aboutBackend,
  backendAt,
  deadBackend,
  isElsewhere,
  nameOfBackend,
  routedBackends,
  type RoutedBackend,
} from '../../facts/routed-backends.ts'
import { isAttachedNowhere } from '../../facts/route-parents.ts'
import { formatPath, type RuleSettings, type Worsening } from '../../rule.ts'

/** A Service that comes later is the deploy tool's affair; one that goes while it is needed takes requests with it. */
const worsening: Worsening = {
  summary: 'An error in both if the change deletes a Service that gets requests.',
  weigh({ before, after }, finding, settings) {
    const route = after.get(finding.ref) as ServiceRoute | undefined
    const backend = route && backendAt(after, route, { path: finding.path, field: 'name' })
    if (route === undefined || backend?.receives !== true) return undefined
    if (resolveBackend(before, route, backend.value).fault !== undefined) return undefined
    if (isAttachedNowhere(before, route, settings)) return undefined
    return { severity: { webhook: 'error', lint: 'error' }, fix: keepingBackend }
  },
}

/** Only a warning, as for hosts: Services come and go before and after their routes, in each deploy tool's own order. */
export const unknownBackend = eachRoute({
  id: 'unknown-backend',
  family: deadBackend,
  severity: { webhook: 'warning', lint: 'warning' },
  summary: 'A backend of an HTTPRoute, GRPCRoute or ApisixRoute is a Service or ApisixUpstream that exists.',
  fix: 'Create the Service, or correct its name or namespace.',
  reads: ['Service', 'ReferenceGrant', 'Gateway.gateway.networking.k8s.io'],
  needs: ['Service'],
  *check(view, route, settings) {
    for (const backend of routedBackends(view, route)) {
      const { to, place } = backend
      if (to.fault !== 'BackendNotFound') continue
      const meant = nameMeant(view, { kind: 'Service', namespace: to.namespace, name: to.name })
      if (!isJudged(view, { route, backend, settings })) continue
      const path = [...place, 'name']
      yield {
        path,
        message:
          `${nameOfBackend(backend)} ${settings.complete ? 'does not exist' : 'is not among the objects that were read'}`
          + (meant !== undefined
            ? `; did you mean ${meant}?`
            : settings.complete
              ? lossOf(route, backend)
              : ''),
        about: aboutBackend(backend),
        absent: 'other',
        ...(meant === undefined ? {} : { fix: `Set ${formatPath(path)}: ${meant}` }),
        tells: [{ kind: 'Service', namespace: to.namespace }],
        restsOn: [{ kind: 'Service', namespace: to.namespace, name: to.name }],
      }
    }
  },
  worsening,
})

const keepingBackend = 'Keep the Service, or remove the backend from the route first.'

interface Asked {
  readonly route: ServiceRoute
  readonly backend: RoutedBackend
  readonly settings: RuleSettings
}

/** The Services of a namespace that the input has nothing of are in other files. */
const isJudged = (view: ClusterView, { route, backend, settings }: Asked): boolean =>
  settings.complete
  || !isElsewhere(route, backend)
  || namesIn(view, 'Service', backend.to.namespace).length > 0

const lossOf = (route: ServiceRoute, { receives, isMirror }: RoutedBackend): string => {
  if (isMirror) return ': no copies are sent'
  return receives ? `: its requests ${failureOf(route)}` : ''
}
