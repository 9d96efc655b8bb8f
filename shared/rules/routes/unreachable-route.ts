import { expandHost } from '../../objects/hosts.ts'
import { namespaceOf } from '../../objects/kube-object.ts'
import type { VirtualService } from '../../objects/virtual-service.ts'
import {
  carriedRoutes,
  entriesIn,
  nameOf,
  type EntryVirtualService,
} from '../../providers/istio/read/routes/carriers.ts'
import { delegatedRoutes } from '../../providers/istio/resolve/delegates.ts'
import type { Taker } from '../../providers/istio/resolve/gateways/taken.ts'
import type { Route } from '../../providers/istio/resolve/objects/routes.ts'
import { leavesNothing } from '../../providers/istio/resolve/mesh.ts'
import { takesEverything } from '../../providers/istio/resolve/takes-everything.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import { routingReads } from '../facts/destinations.ts'
import { formatPath, type Path, type Rule, type Violation } from '../rule.ts'

type Entries = readonly EntryVirtualService[]

interface Reason {
  readonly reason: string
  readonly fix?: string
}

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
    const entries = entriesIn(view, subject, settings)
    for (const { route, blocker } of unreachedIn(view, subject, entries)) {
      const key = formatPath(route.place)
      if (said.has(key) || key === (blocker && formatPath(blocker))) continue
      said.add(key)
      const { reason, fix } = blocker === undefined ? unmet(route, entries) : closed(blocker)
      yield {
        path: route.place,
        message: `no request reaches this route: ${reason}`,
        about: aboutRoute(view, route),
        tells: [],
        ...(fix !== undefined && { fix }),
      }
    }
    yield* shadowed(view, subject, { said, entries })
  },
}

const closed = (blocker: Path): Reason => ({ reason: `${formatPath(blocker)} matches every request` })

const sourceIgnored =
  ', because Istio ignores sourceLabels and sourceNamespace in a match that names gateways'

/** Why no proxy has a route: for all that have any, an earlier one leaves nothing, or nobody meets its match. */
function unmet(route: Route, entries: Entries): Reason {
  const key = formatPath(route.place)
  const lasts = lastsOf(entries)
  const areBefore = route.section === 'http' && lasts.length > 0 && lasts.every(last => isBefore(last, route))
  // A route that asks nothing can have no match that nobody meets.
  if (!areBefore || (lasts.length > 1 && !takesEverything(route)))
    return {
      reason: 'no client and no gateway of this VirtualService meets its match',
      fix: `Change the match of ${key}, or remove the route.`,
    }
  const names = lasts.map(({ place }) => formatPath(place))
  const blind = lasts.findIndex(({ conditions }) => conditions.some(isSourceIgnored))
  const isForMesh = lasts[blind]?.conditions.every(({ gateways }) => gateways.includes('mesh'))
  const whose = 'of the clients and gateways of this VirtualService'
  return {
    reason:
      lasts.length > 1
        ? `${names.join(' and ')} take every request ${whose}${blind < 0 ? '' : sourceIgnored}`
        : `${names[0]} takes every request${blind < 0 ? ` ${whose}` : sourceIgnored}`,
    fix:
      isForMesh === true
        ? `Remove gateways from the match of ${names[blind]}.`
        : takesEverything(route)
          ? `Remove ${key}.`
          : `Move ${key} before ${names[0]}, or remove it.`,
  }
}

/** The last route of each proxy, where it leaves nothing; none where that of some proxy leaves something. */
function lastsOf(entries: Entries): readonly Route[] {
  const proxies = entries.flatMap(({ evaluation: { applications } }) =>
    applications.filter(({ section }) => section === 'http'),
  )
  const lasts = proxies.map(({ routes, ...listener }) => {
    const last = routes.at(-1)
    return last !== undefined && last.written === undefined && leavesNothing(last, listener)
      ? last
      : undefined
  })
  return lasts.some(last => last === undefined)
    ? []
    : [...new Set(lasts as readonly Route[])].toSorted((a, b) => (isBefore(a, b) ? -1 : 1))
}

const isBefore = (one: Route, other: Route): boolean => Number(one.place[2]) < Number(other.place[2])

/** The source of requests is not asked for where a block names gateways (sourceMatchHTTP). */
const isSourceIgnored = ({ gateways, sourceLabels, sourceNamespace }: Route['conditions'][number]): boolean =>
  gateways.length > 0 && (sourceNamespace !== undefined || Object.keys(sourceLabels).length > 0)

/**
 * Behind a route that matches some requests of which it leaves none: perhaps on purpose, an older route is left behind a
 * wider one. And behind one of another VirtualService.
 */
function* shadowed(
  view: ClusterView,
  subject: VirtualService,
  { said, entries }: { readonly said: ReadonlySet<string>; readonly entries: Entries },
): Iterable<Violation> {
  const carried = carriedRoutes(view, { object: subject, entries })
  for (const { route, shadowedBy, taker } of carried) {
    const key = formatPath(route.place)
    if (said.has(key)) continue
    if (shadowedBy === undefined) {
      if (taker !== undefined) yield taken(view, route, taker)
      continue
    }
    const first = formatPath(shadowedBy.place)
    yield {
      path: route.place,
      message: `no request reaches this route: ${first} takes all requests that it matches`,
      about: aboutRoute(view, route),
      tells: [],
      severity: { webhook: 'info', lint: 'info' },
      fix: `Move ${key} before ${first}, or remove it.`,
    }
  }
}

/** At a gateway: of the VirtualServices for a host the older ones come first. */
function taken(view: ClusterView, route: Route, { object, route: by, ...where }: Taker): Violation {
  const { host, gateway, through, isOpen, isGuess } = where
  const name = nameOf(object)
  const ref = { kind: 'VirtualService', namespace: namespaceOf(object) } as const
  return {
    path: route.place,
    message: `no request reaches this route: at Gateway ${gateway}, ${formatPath(by.place)} of VirtualService ${name} takes all requests ${isOpen ? `for ${host}` : 'that it matches'}${through !== undefined ? `, because its Gateway ${through} comes first` : isGuess ? agesUnknown : ', because it is older'}`,
    about: `${aboutRoute(view, route)} ${host} ${name}`,
    tells: [
      ref,
      ...(through === undefined ? [] : [{ kind: 'Gateway' as const, namespace: through.split('/', 1)[0]! }]),
    ],
    restsOn: [{ ...ref, name: object.metadata.name }],
    fix: `Put the routes for ${host} into one VirtualService, in the order in which they should apply.`,
    ...(!isOpen && { severity: { webhook: 'info', lint: 'info' } }),
  }
}

const agesUnknown = ' (files do not tell their ages: the one written first counts as the older)'

interface Unreached {
  readonly route: Route
  /** The route before it that takes everything; undefined where it has no clients. */
  readonly blocker: Path | undefined
}

/** The routes that no request reaches; those of a delegate as its roots have them. */
function unreachedIn(view: ClusterView, object: VirtualService, entries: Entries): readonly Unreached[] {
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
