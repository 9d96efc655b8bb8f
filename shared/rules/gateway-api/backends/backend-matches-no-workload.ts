import { formatLabels } from '../../../objects/labels.ts'
import type { Service } from '../../../objects/core.ts'
import type { ServiceRoute } from '../../../objects/gateway-api.ts'
import { refOf } from '../../../objects/kinds.ts'
import type { Ref } from '../../../objects/kube-object.ts'
import { selectedBy, type Selected } from '../../../providers/istio/resolve/endpoints.ts'
import { providerOfService, type HostProvider } from '../../../providers/istio/resolve/objects/providers.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { backingsOfService, isDormant } from '../../../workloads/backings.ts'
import { backingKinds } from '../../../workloads/workload-indexes.ts'
import { eachRoute } from '../../facts/each-route.ts'
import { backendAt, nameOfBackend, routedBackends, type RoutedBackend } from '../../facts/routed-backends.ts'
import { workloadsOf } from '../../facts/workloads-of.ts'
import type { Violation, Worsening } from '../../rule.ts'

/** Labels and selectors are not scaled to zero and back: the workloads run, and nobody is sent to them. */
const worsening: Worsening = {
  summary:
    'An error in both if a change of the selector of the Service, or of the labels of a workload, takes the last workload away.',
  weigh({ before, after }, finding) {
    const route = after.get(finding.ref) as ServiceRoute | undefined
    const backend = route && backendAt(after, route, { path: finding.path, field: 'name' })
    if (backend?.receives !== true || backend.to.service === undefined) return undefined
    const was = before.get(refOf(backend.to.service)) as Service | undefined
    if (was === undefined) return undefined
    const lost = runningBehind(before, was).find(ref => isAwake(after, ref))
    return lost === undefined
      ? undefined
      : {
          severity: { webhook: 'error', lint: 'error' },
          message: `${finding.message}: it no longer selects ${lost.kind} ${lost.namespace}/${lost.name}`,
        }
  },
}

/** All requests of the share fail: the Service exists, and nothing stands behind it. */
export const backendMatchesNoWorkload = eachRoute({
  id: 'backend-matches-no-workload',
  severity: { webhook: 'warning', lint: 'warning' },
  summary: 'A backend of an HTTPRoute or GRPCRoute that gets requests has pods.',
  fix: 'Apply a workload whose pods have the labels of the Service, or correct the selector of the Service.',
  reads: ['Service', 'ReferenceGrant', ...backingKinds, 'EndpointSlice', 'Endpoints'],
  needs: ['Service'],
  *check(view, route, { complete }) {
    for (const backend of routedBackends(view, route)) {
      const { service, fault } = backend.to
      if (service === undefined || fault !== undefined) continue
      if (!backend.receives && !backend.isMirror) continue
      const provider = providerOfService(service)
      const selected = selectedBy(view, provider, { labels: {}, complete })
      if (selected === undefined || selected.running > 0) continue
      // In files the workloads may be elsewhere.
      if (selected.all === 0 && !complete) continue
      yield violationAt(backend, { provider, selected })
    }
  },
  worsening,
})

interface Empty {
  readonly provider: HostProvider
  readonly selected: Selected
}

function violationAt(backend: RoutedBackend, { provider, selected }: Empty): Violation {
  const { to, place, isMirror } = backend
  return {
    path: [...place, 'name'],
    message: `${nameOfBackend(backend)} ${saying(provider, selected)}`,
    about: `${to.namespace}/${to.name}${isMirror ? ' mirror' : ''}`,
    absent: 'workload',
    tells: [
      { kind: 'Service', namespace: to.namespace },
      { kind: 'Deployment', namespace: to.namespace },
    ],
    restsOn: [{ kind: 'Service', namespace: to.namespace, name: to.name }, ...workloadsOf(provider, {})],
  }
}

function saying({ selector }: HostProvider, { all, dormant }: Selected): string {
  if (dormant > 0) return 'has only workloads that are scaled to zero'
  if (selector === undefined)
    return 'has no addresses: it has no selector, and no EndpointSlice lists any for it'
  return all === 0 ? `selects ${formatLabels(selector)}, which no workload has` : 'has no running workload'
}

/** The workloads behind a Service that are not scaled to zero. */
const runningBehind = (view: ClusterView, service: Service): readonly Ref[] =>
  (backingsOfService(view, service) ?? []).flatMap(({ object, isDormant: sleeps }) =>
    object === undefined || sleeps ? [] : [refOf(object)],
  )

const isAwake = (view: ClusterView, ref: Ref): boolean => {
  const object = view.get(ref)
  return object !== undefined && !isDormant(object)
}
