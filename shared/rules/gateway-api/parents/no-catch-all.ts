import type { ServiceRoute } from '../../../objects/gateway-api.ts'
import { refOf } from '../../../objects/kinds.ts'
import { keyOf, namespaceOf } from '../../../objects/kube-object.ts'
import { attachmentsOf } from '../../../providers/gateway-api/resolve/attachments.ts'
import { portsOf } from '../../../providers/gateway-api/resolve/backends.ts'
import { routesAtService } from '../../../providers/gateway-api/resolve/indexes.ts'
import { matchesOf } from '../../../providers/gateway-api/resolve/matches.ts'
import {
  isService,
  parentOf,
  type ReferencedParent,
} from '../../../providers/gateway-api/resolve/references.ts'
import { parentsOf } from '../../../providers/gateway-api/resolve/routes.ts'
import { covers } from '../../../routing/covers.ts'
import { anything } from '../../../routing/match.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { eachRoute } from '../../facts/each-route.ts'
import type { Violation } from '../../rule.ts'

/**
 * Once a Service of the mesh has a route, what no rule matches does not fall through to the Service: it is answered with
 * 404 (GEP-1426, https://gateway-api.sigs.k8s.io/mesh/).
 */
export const noCatchAll = eachRoute({
  id: 'no-catch-all',
  severity: { webhook: 'warning', lint: 'warning' },
  summary: 'A Service that routes of the mesh are attached to has a rule for every request.',
  fix: 'Add a rule without matches that leads to the Service.',
  reads: ['HTTPRoute', 'GRPCRoute', 'Service'],
  needs: ['HTTPRoute', 'GRPCRoute'],
  *check(view, route, { complete }) {
    if (takesEverything(route)) return
    const attachments = attachmentsOf(view, route, { complete })
    for (const [i, reference] of parentsOf(route).entries()) {
      const parent = parentOf(route, reference)
      if (!isService(parent) || isCaughtByOthers(view, route, parent)) continue
      // Where it is not attached, it takes no requests from the Service: another rule says so.
      if (attachments[i]?.refusal !== undefined) continue
      yield violationAt(view, { route, parent, i })
    }
  },
})

interface Uncaught {
  readonly route: ServiceRoute
  readonly parent: ReferencedParent
  readonly i: number
}

function violationAt(view: ClusterView, { route, parent, i }: Uncaught): Violation {
  const { namespace, name } = parent
  const service = view.get({ kind: 'Service', namespace, name })
  const ports = service === undefined ? [] : portsOf(service)
  const port = parent.port ?? (ports.length === 1 ? ports[0] : undefined)
  const backend = { name, ...(namespace === namespaceOf(route) ? {} : { namespace }), port }
  return {
    path: ['spec', 'parentRefs', i],
    message: `requests to Service ${namespace}/${name}${parent.port === undefined ? '' : `:${parent.port}`} that no rule matches ${route.kind === 'GRPCRoute' ? 'fail with UNIMPLEMENTED' : 'are answered with 404'}`,
    about: `${namespace}/${name} ${parent.port ?? ''}`,
    ...(port === undefined
      ? {}
      : { fix: `Add to spec.rules: ${JSON.stringify({ backendRefs: [backend] })}` }),
    tells: [
      { kind: 'Service', namespace },
      { kind: route.kind as 'HTTPRoute', namespace },
    ],
    restsOn: [{ kind: route.kind as 'HTTPRoute', namespace }],
  }
}

/** Whether another route of the same kind in the namespace of the Service, or of the route itself, takes every request. */
const isCaughtByOthers = (view: ClusterView, route: ServiceRoute, parent: ReferencedParent): boolean =>
  routesAtService(view, `${parent.namespace}/${parent.name}`).some(
    other =>
      other.kind === route.kind
      && keyOf(refOf(other)) !== keyOf(refOf(route))
      && [parent.namespace, namespaceOf(route)].includes(namespaceOf(other))
      && isAt(other, parent)
      && takesEverything(other),
  )

/** Whether a route is attached to the same ports of the Service at least. */
const isAt = (route: ServiceRoute, { namespace, name, port }: ReferencedParent): boolean =>
  parentsOf(route)
    .map(reference => parentOf(route, reference))
    .some(
      parent =>
        isService(parent)
        && parent.namespace === namespace
        && parent.name === name
        && (parent.port === undefined || parent.port === port),
    )

/** Whether some match of a route takes every request. */
const takesEverything = (route: ServiceRoute): boolean =>
  matchesOf(route).some(({ match }) => match !== undefined && covers(match, anything))
