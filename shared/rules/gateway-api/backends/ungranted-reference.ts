import type { ReferenceGrant, ServiceRoute } from '../../../objects/gateway-api.ts'
import { refOf } from '../../../objects/kinds.ts'
import { namespaceOf } from '../../../objects/kube-object.ts'
import { applyCommand } from '../../../objects/text/kubectl-commands.ts'
import {
  isCertain,
  isForMeshAlone,
  portsOf,
  resolveBackend,
} from '../../../providers/gateway-api/resolve/backends.ts'
import { gatewayGroup } from '../../../providers/gateway-api/resolve/references.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { eachRoute, failureOf } from '../../facts/each-route.ts'
import { isAttachedNowhere } from '../../facts/route-parents.ts'
import {
  aboutBackend,
  backendAt,
  deadBackend,
  mild,
  nameOfBackend,
  routedBackends,
  type RoutedBackend,
} from '../../facts/routed-backends.ts'
import type { Violation, Worsening } from '../../rule.ts'

const worsening: Worsening = {
  summary: 'An error in both if the change removes the grant while the backend gets requests.',
  weigh({ before, after }, finding, settings) {
    const route = after.get(finding.ref) as ServiceRoute | undefined
    const backend = route && backendAt(after, route, { path: finding.path, field: 'namespace' })
    if (route === undefined || backend?.receives !== true || isForMeshAlone(route)) return undefined
    if (isAttachedNowhere(before, route, settings)) return undefined
    return resolveBackend(before, route, backend.value).fault === 'RefNotPermitted'
      ? undefined
      : { severity: { webhook: 'error', lint: 'error' } }
  },
}

/**
 * A gateway sends nothing to a Service of another namespace without the consent of that namespace. Istio asks no grant
 * for routes of the mesh, and others do: there it is only a warning.
 */
export const ungrantedReference = eachRoute({
  id: 'ungranted-reference',
  family: deadBackend,
  severity: { webhook: 'warning', lint: 'error' },
  summary: 'A ReferenceGrant lets an HTTPRoute or GRPCRoute use a backend of another namespace.',
  fix: 'Create the Service with its port, and in its namespace a ReferenceGrant for the kind and namespace of the route.',
  reads: ['Service', 'ReferenceGrant', 'Gateway.gateway.networking.k8s.io'],
  needs: ['ReferenceGrant'],
  *check(view, route, { complete }) {
    for (const backend of routedBackends(view, route)) {
      if (backend.to.fault !== 'RefNotPermitted') continue
      // The grants of a namespace that the input has nothing of are in other files.
      if (!complete && backend.to.service === undefined) continue
      yield violationAt(view, { route, backend, isSure: isCertain(view, route, { ...backend.to, complete }) })
    }
  },
  worsening,
})

interface Ungranted {
  readonly route: ServiceRoute
  readonly backend: RoutedBackend
  readonly isSure: boolean
}

function violationAt(view: ClusterView, { route, backend, isSure }: Ungranted): Violation {
  const { to, place, receives, isMirror } = backend
  const loss = isMirror ? 'no copies are sent' : `its requests ${failureOf(route)}`
  const grant = grantFor(view, route, backend)
  const isMild = !isSure || !receives || isForMeshAlone(route)
  return {
    path: [...place, 'namespace'],
    message: `no ReferenceGrant in namespace ${to.namespace} lets ${route.kind}s of ${namespaceOf(route)} use ${nameOfBackend(backend)}${receives || isMirror ? `: ${loss}` : ''}`,
    about: aboutBackend(backend),
    absent: 'other',
    ...(isMild ? { severity: mild } : {}),
    // Without the Service and its port a grant is useless, and may be meant for another one.
    ...(hasPort(backend) ? { fix: applyCommand(grant), creates: grant } : {}),
    tells: [{ kind: 'ReferenceGrant', namespace: to.namespace }],
    restsOn: [{ kind: 'ReferenceGrant', namespace: to.namespace }],
  }
}

const hasPort = ({ to }: RoutedBackend): boolean =>
  to.service !== undefined && (to.port === undefined || portsOf(to.service).includes(to.port))

/** The grant for this one Service, under a name that is free. */
function grantFor(view: ClusterView, route: ServiceRoute, { to }: RoutedBackend): ReferenceGrant {
  const from = { group: gatewayGroup, kind: route.kind, namespace: namespaceOf(route) }
  const base = `${to.name}-from-${from.namespace}${route.kind === 'GRPCRoute' ? '-grpc' : ''}`
  const grant = (name: string): ReferenceGrant => ({
    apiVersion: `${gatewayGroup}/v1beta1`,
    kind: 'ReferenceGrant',
    metadata: { name, namespace: to.namespace },
    spec: { from: [from], to: [{ group: '', kind: 'Service', name: to.name }] },
  })
  for (let i = 1; ; i++) {
    const made = grant(i === 1 ? base : `${base}-${i}`)
    if (view.get(refOf(made)) === undefined) return made
  }
}
