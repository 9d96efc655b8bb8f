import type { ServiceRoute } from '../../../objects/gateway-api.ts'
import { quotedName } from '../../../objects/text/escaped.ts'
import { isAlias } from '../../../providers/gateway-api/resolve/backends.ts'
import { isIstioFor } from '../../../providers/gateway-api/resolve/implementation.ts'
import { providerOfService } from '../../../providers/istio/resolve/objects/providers.ts'
import { providersAt } from '../../../providers/istio/resolve/registry.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { backingKinds } from '../../../workloads/workload-indexes.ts'
import { emptyService, lostWorkload } from '../../facts/backends/empty-service.ts'
import { eachRoute } from '../../facts/each-route.ts'
import { isAttachedNowhere } from '../../facts/route-parents.ts'
import { backendAt, nameOfBackend, routedBackends, type RoutedBackend } from '../../facts/routed-backends.ts'
import type { RuleSettings, Violation, Worsening } from '../../rule.ts'

/** Labels and selectors are not scaled to zero and back: the workloads run, and nobody is sent to them. */
const worsening: Worsening = {
  summary:
    'An error in both if a change of the selector or type of the Service, or of the labels of a workload, removes the last workload.',
  weigh({ before, after }, finding, settings) {
    const route = after.get(finding.ref) as ServiceRoute | undefined
    const backend = route && backendAt(after, route, { path: finding.path, field: 'name' })
    if (backend?.receives !== true || backend.to.service === undefined) return undefined
    if (isAttachedNowhere(before, route!, settings)) return undefined
    const { service } = backend.to
    const lost = lostWorkload({ before, after }, service)
    if (lost === undefined) return undefined
    const isCut = providerOfService(service).selector === undefined && !isAlias(service)
    const why = isCut
      ? `${nameOfBackend(backend)} has no selector any more, so its EndpointSlices no longer follow its pods`
      : finding.message
    return { severity: { webhook: 'error', lint: 'error' }, message: `${why}${lost}` }
  },
}

/** All requests of the share fail: the Service exists, and nothing is behind it. */
export const backendMatchesNoWorkload = eachRoute({
  id: 'backend-matches-no-workload',
  severity: { webhook: 'warning', lint: 'warning' },
  summary: 'A backend of an HTTPRoute, GRPCRoute or ApisixRoute that gets requests has pods.',
  fix: 'Apply a workload whose pods have the labels of the Service, or correct the selector of the Service.',
  reads: [
    'Service',
    'ReferenceGrant',
    ...backingKinds,
    'EndpointSlice',
    'Endpoints',
    'ServiceEntry',
    'Gateway.gateway.networking.k8s.io',
  ],
  needs: ['Service'],
  *check(view, route, settings) {
    for (const backend of routedBackends(view, route)) {
      const { to, place, isMirror, receives } = backend
      if (to.service === undefined || to.fault !== undefined) continue
      if (!receives && !isMirror) continue
      if (isAlias(to.service)) {
        yield* aliasedBackend(view, route, { backend, settings })
        continue
      }
      const empty = emptyService(view, to.service, settings)
      if (empty === undefined) continue
      const { why, fixed, tells, restsOn, isLater } = empty
      yield {
        path: [...place, 'name'],
        message: `${nameOfBackend(backend)} ${why}`,
        about: `${to.namespace}/${to.name}${isMirror ? ' mirror' : ''}${isLater ? ' later' : ''}`,
        absent: 'workload',
        ...fixed,
        tells,
        restsOn,
      }
    }
  },
  worsening,
})

/**
 * The specification advises against ExternalNames as backends (BackendObjectReference); Envoy Gateway, Traefik and NGINX
 * refuse them. Istio knows one by its target.
 */
function* aliasedBackend(
  view: ClusterView,
  route: ServiceRoute,
  { backend, settings }: { readonly backend: RoutedBackend; readonly settings: RuleSettings },
): Iterable<Violation> {
  const { to, place, isMirror } = backend
  const { target = '' } = providerOfService(to.service!)
  const isIstio = isIstioFor(view, route)
  const isUnsure = !settings.complete || view.unread.has('ServiceEntry')
  if (isIstio && (isUnsure || providersAt(view, target).length > 0)) return
  const why = isIstio
    ? ` of ${quotedName(target)}, which no Service or ServiceEntry provides`
    : ', and most implementations of the Gateway API send no requests to one'
  yield {
    path: [...place, 'name'],
    message: `${nameOfBackend(backend)} is an ExternalName${why}`,
    about: `${to.namespace}/${to.name}${isMirror ? ' mirror' : ''}`,
    absent: 'other',
    fix: 'Use a Service with a selector, or one whose EndpointSlices list the addresses.',
    tells: [{ kind: 'Service', namespace: to.namespace }],
    restsOn: [{ kind: 'Service', namespace: to.namespace, name: to.name }],
  }
}
