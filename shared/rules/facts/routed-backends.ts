import type { ServiceRoute } from '../../objects/gateway-api.ts'
import { namespaceOf } from '../../objects/kube-object.ts'
import { formatPath } from '../../objects/paths.ts'
import { quotedName } from '../../objects/text/escaped.ts'
import { resolveBackend, type ResolvedBackend } from '../../providers/gateway-api/resolve/backends.ts'
import { isService } from '../../providers/gateway-api/resolve/references.ts'
import { placedBackends, weightOf, type PlacedBackend } from '../../providers/gateway-api/resolve/routes.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import type { Path, Severities } from '../rule.ts'

/** A backend that a route names, what it leads to, and whether it gets requests. */
export interface RoutedBackend extends PlacedBackend {
  readonly to: ResolvedBackend
  /** Whether it gets a share of the requests: no copy, and no weight of 0. */
  readonly receives: boolean
}

/** Every backend of a route that is a Service, as a view resolves it. */
export const routedBackends = (view: ClusterView, route: ServiceRoute): readonly RoutedBackend[] =>
  placedBackends(route)
    .map(placed => ({
      ...placed,
      to: resolveBackend(view, route, placed.value),
      receives: !placed.isMirror && weightOf(placed.value) > 0,
    }))
    .filter(({ to }) => isService(to))

/**
 * Rules about a backend that leads nowhere share a family: a Service that is there but lacks the port is no new fault
 * where there was none before.
 */
export const deadBackend = 'dead-backend'

/** What a finding about a backend is about: the same wherever its rule stands. */
export const aboutBackend = ({ to, isMirror, receives }: RoutedBackend): string =>
  `${to.namespace}/${to.name} ${to.port ?? ''}${isMirror ? ' mirror' : receives ? '' : ' idle'}`

/** The Service of a backend as people say it. */
export const nameOfBackend = ({ to }: Pick<RoutedBackend, 'to'>): string =>
  `Service ${quotedName(`${to.namespace}/${to.name}`)}`

export const mild: Severities = { webhook: 'warning', lint: 'warning' }

/** A backend that loses copies alone, or gets nothing yet, is only a warning. */
export const mildUnlessReceiving = ({
  receives,
}: Pick<RoutedBackend, 'receives'>): { readonly severity?: Severities } =>
  receives ? {} : { severity: mild }

/** The backend at the place of a finding; `field` is what the finding is on. */
export const backendAt = (
  view: ClusterView,
  route: ServiceRoute,
  { path, field }: { readonly path: Path; readonly field: string },
): RoutedBackend | undefined =>
  routedBackends(view, route).find(({ place }) => formatPath([...place, field]) === formatPath(path))

/** Whether a backend is of another namespace than the route that names it. */
export const isElsewhere = (route: ServiceRoute, { to }: Pick<RoutedBackend, 'to'>): boolean =>
  to.namespace !== namespaceOf(route)
