import { expandHost } from '../../objects/hosts.ts'
import type { VirtualService } from '../../objects/virtual-service.ts'
import { carriedRoutes, entriesIn } from '../../providers/istio/read/routes/carriers.ts'
import { delegatedRoutes } from '../../providers/istio/resolve/delegates.ts'
import type { Route } from '../../providers/istio/resolve/objects/routes.ts'
import type { Completeness } from '../../providers/istio/resolve/outcome.ts'
import { takesEverything } from '../../providers/istio/resolve/takes-everything.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import { routingReads } from '../facts/destinations.ts'
import { formatPath, type Path, type Rule, type Violation } from '../rule.ts'

/** Routes are asked in order, and Istio does not even generate those after one that takes everything. */
export const unreachableRoute: Rule<'VirtualService'> = {
  id: 'unreachable-route',
  severity: { webhook: 'warning', lint: 'warning' },
  summary: 'Some request can reach every route: a route that matches every request is the last one.',
  fix: 'Move the route that matches every request to the end, or remove the routes after it.',
  subject: 'VirtualService',
  reads: routingReads,
  needs: ['VirtualService'],
  *check(view, subject, settings) {
    const said = new Set<string>()
    for (const { route, blocker } of unreachedIn(view, subject, settings)) {
      const key = formatPath(route.place)
      if (said.has(key) || key === (blocker && formatPath(blocker))) continue
      said.add(key)
      yield {
        path: route.place,
        message: `no request reaches this route: ${blocker === undefined ? 'no client and no gateway of this VirtualService meets its match' : `${formatPath(blocker)} matches every request`}`,
        about: aboutRoute(view, route),
        tells: [],
        ...(blocker === undefined && { fix: `Change the match of ${key}, or remove the route.` }),
      }
    }
    yield* shadowed(view, subject, { said, settings })
  },
}

/** Perhaps on purpose: an older route is left behind a wider one. */
function* shadowed(
  view: ClusterView,
  subject: VirtualService,
  { said, settings }: { readonly said: ReadonlySet<string>; readonly settings: Completeness },
): Iterable<Violation> {
  const carried = carriedRoutes(view, { object: subject, entries: entriesIn(view, subject, settings) })
  for (const { route, shadowedBy } of carried) {
    const key = formatPath(route.place)
    if (shadowedBy === undefined || said.has(key)) continue
    const first = formatPath(shadowedBy.place)
    yield {
      path: route.place,
      message: `no request reaches this route: ${first} takes all that it asks for`,
      about: aboutRoute(view, route),
      tells: [],
      severity: { webhook: 'info', lint: 'info' },
      fix: `Move ${key} before ${first}, or remove it.`,
    }
  }
}

interface Unreached {
  readonly route: Route
  /** The route before it that takes everything; undefined where it has no clients. */
  readonly blocker: Path | undefined
}

/** The routes that no request reaches; those of a delegate as its roots have them. */
function unreachedIn(
  view: ClusterView,
  object: VirtualService,
  completeness: Completeness,
): readonly Unreached[] {
  const entries = entriesIn(view, object, completeness)
  const carried = carriedRoutes(view, { object, entries })
  const unreached = carried
    .filter(({ isReached, route }) => !isReached && route.delegate === undefined)
    .map(({ route }) => {
      const earlier = carried.slice(
        0,
        carried.findIndex(each => each.route === route),
      )
      const open = earlier.find(
        each => each.section === route.section && each.isReached && takesEverything(each.route),
      )
      return { route, blocker: open?.route.place }
    })
  const isDelegated = entries.some(({ root }) => root !== object)
  return isDelegated ? unreached : [...behindOpen(delegatedRoutes(view, object).routes), ...unreached]
}

/** The routes after one that takes everything, by what is written, whoever the clients are. */
const behindOpen = (routes: readonly Route[]): readonly Unreached[] =>
  (['http', 'tcp'] as const).flatMap(section => {
    const inOrder = routes.filter(route => route.section === section)
    const open = inOrder.findIndex(takesEverything)
    return open < 0 ? [] : inOrder.slice(open + 1).map(route => ({ route, blocker: inOrder[open]!.place }))
  })

/** The same wherever the route is moved: its name, and where it leads. */
const aboutRoute = (view: ClusterView, { name, targets }: Route): string =>
  `${name ?? ''} ${targets
    .map(
      ({ host, namespace, subset }) =>
        `${expandHost(host, namespace, view.mesh.clusterDomain)}/${subset ?? ''}`,
    )
    .sort()
    .join(' ')}`
