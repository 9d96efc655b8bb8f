import type { HttpMatch, HttpRoute, VirtualService } from '../../../shared/objects/virtual-service.ts'
import { baseRouteTest } from '../../../shared/providers/istio/edit/cohort.ts'
import { pinToStable } from '../../../shared/providers/istio/edit/pin.ts'
import { delegatedRoutes } from '../../../shared/providers/istio/resolve/delegates.ts'
import { narrow } from '../../../shared/providers/istio/resolve/objects/match.ts'
import { routingOf, type Route } from '../../../shared/providers/istio/resolve/objects/routes.ts'
import { anything } from '../../../shared/routing/match.ts'
import { canBothHold, narrow as narrowed } from '../../../shared/routing/narrow.ts'
import { matchOf } from '../../../shared/providers/istio/resolve/objects/match.ts'
import type { Condition } from '../../../shared/routing/condition.ts'
import type { Decision } from '../../../shared/routing/request/decision.ts'
import type { Change } from '../../../shared/view/change.ts'
import type { ClusterView } from '../../../shared/view/cluster-view.ts'
import { overlay } from '../../../shared/view/overlay.ts'
import { sessionOf } from '../../../shared/view/session.ts'
import { decisionsOf, fails, isOfCatalog, isOfCohort, pinned, seen, turnedTo } from './expected.ts'
import { isIn, requestsFor } from './requests.ts'

const service = { name: 'catalog', namespace: 'shop', clusterDomain: 'cluster.local' }

/** One block of a base route for one kind of caller, narrowed to a cohort: what may be put somewhere. */
interface Copy {
  /** By which requests come to the base route. */
  readonly owner: VirtualService
  /** Whether the base route is a delegate's: no copy of it is written into the root (docs/decisions/0006). */
  readonly isMerged: boolean
  readonly route: HttpRoute
}

/** A copy at one place. */
export interface Place {
  readonly says: string
  readonly change: Change
}

/** What each place for a copy of some base route does to the requests of a world. */
export interface Placement {
  readonly place: Place
  /** Requests of the cohort that it turns to the version; undefined where it changes what it should not. */
  readonly turned: ReadonlySet<number> | undefined
}

/** The view with routes that lead to the Service as a whole turned to the stable version. */
export const pinnedView = (view: ClusterView): ClusterView =>
  sessionOf(
    overlay(
      view,
      view.list('VirtualService').flatMap((before): readonly Change[] => {
        const after = pinToStable(before, service, { stable: { subset: 'v1' } })
        return after === before ? [] : [{ before, after }]
      }),
    ),
  )

/** The blocks of the Service's routes, as the VirtualServices by which requests enter have them, each narrowed to the cohort. */
function copiesIn(view: ClusterView, when: readonly Condition[]): readonly Copy[] {
  return view.list('VirtualService').flatMap(owner => {
    const merged =
      routingOf(owner).hosts.length === 0 ? routingOf(owner).routes : delegatedRoutes(view, owner).routes
    return merged
      .filter(route => isToCatalog(view, owner, route))
      .flatMap(route =>
        copiesOf(route, when).map(copy => ({
          owner,
          isMerged: route.delegate !== undefined,
          route: copy,
        })),
      )
  })
}

function isToCatalog(view: ClusterView, owner: VirtualService, route: Route): boolean {
  if (route.section !== 'http') return false
  const written =
    route.delegate === undefined ? owner : view.get({ kind: 'VirtualService', ...route.delegate })!
  const raw = (written.spec.http ?? [])[Number((route.written ?? route).place[2])]!
  return baseRouteTest(written, service)(raw)
}

function copiesOf({ conditions, fields }: Route, when: readonly Condition[]): readonly HttpRoute[] {
  const raw = fields as unknown as HttpRoute
  const { match: _m, name: _n, mirror: _o, mirrors: _p, mirrorPercentage: _q, ...rest } = raw
  const own = raw.route?.find(({ destination }) => destination.subset === 'v2') ?? raw.route![0]!
  const { weight: _w, ...to } = own
  const route = [{ ...to, destination: { ...to.destination, subset: 'v2' } }]
  const blocks = conditions.length === 0 ? [{}] : conditions.map(({ block }) => block as HttpMatch)
  return blocks
    .flatMap(block => [block, ...forOneEntrance(block)])
    .filter(block => canBothHold(readOf(block), narrowed(anything, when)))
    .map(block => ({ ...rest, match: [narrow(block, when)], route }))
}

const readOf = (block: HttpMatch) =>
  matchOf(block as Readonly<Record<string, unknown>>, {
    gateways: [],
    port: undefined,
    sourceNamespace: undefined,
    sourceLabels: {},
  })

/** A block for the mesh alone, with and without what is asked of callers, and for gateways alone. */
function forOneEntrance(block: HttpMatch): readonly HttpMatch[] {
  const { gateways = [], ...rest } = block
  const { sourceLabels: _l, sourceNamespace: _n, ...bare } = rest
  const others = gateways.filter(name => name !== 'mesh')
  if (gateways.length === 0)
    return [
      { ...rest, gateways: ['mesh'] },
      { ...rest, gateways: ['istio-system/public'] },
    ]
  return [
    ...(gateways.includes('mesh') ? [{ ...bare, gateways: ['mesh'] }, bare] : []),
    ...(others.length > 0 ? [{ ...bare, gateways: others }] : []),
  ]
}

/** Every place of a copy: in each VirtualService at each index, and in a new one that Istio reads before or after the others. */
function placesOf(view: ClusterView, { owner, isMerged, route }: Copy): readonly Place[] {
  const said = `${owner.metadata.name} ${JSON.stringify(route.match)}`
  const others = view.list('VirtualService').filter(object => !isMerged || object.metadata !== owner.metadata)
  const there = others.flatMap(before => {
    const http = before.spec.http ?? []
    return Array.from({ length: http.length + 1 }, (_, i): Place => ({
      says: `${said} at ${before.metadata.namespace}/${before.metadata.name}[${i}]`,
      change: {
        before,
        after: {
          ...before,
          spec: { ...before.spec, http: [...http.slice(0, i), route, ...http.slice(i)] },
        } as VirtualService,
      },
    }))
  })
  const hosts = [...new Set(view.list('VirtualService').flatMap(({ spec }) => spec.hosts ?? []))]
  const sets = [owner.spec.hosts ?? hosts, ...hosts.map(host => [host])]
  const namespaces = [owner.metadata.namespace!]
  const made = sets.flatMap(some =>
    ['zz-last', 'a-first'].flatMap(name =>
      namespaces.flatMap(namespace =>
        [owner.spec.exportTo, ['*']].map((exportTo): Place => ({
          says: `${said} in new ${namespace}/${name} for ${some.join()} exported to ${exportTo?.join() ?? ''}`,
          change: {
            after: {
              apiVersion: 'networking.istio.io/v1',
              kind: 'VirtualService',
              metadata: {
                name,
                namespace,
                creationTimestamp: name === 'a-first' ? '2023-01-01T00:00:00Z' : '2025-01-01T00:00:00Z',
              },
              spec: {
                hosts: some,
                gateways: owner.spec.gateways ?? ['mesh', 'istio-system/public'],
                ...(exportTo === undefined ? {} : { exportTo }),
                http: [route],
              },
            } as VirtualService,
          },
        })),
      ),
    ),
  )
  return [...there, ...made]
}

/** What a cohort is expected to do to each request of a world, and which of them it must turn. */
export interface Asked {
  readonly view: ClusterView
  readonly when: readonly Condition[]
  readonly requests: ReturnType<typeof requestsFor>
  readonly was: readonly Decision[]
  /** The places of requests that are to go to the version. */
  readonly due: ReadonlySet<number>
}

export function askedIn(view: ClusterView, when: readonly Condition[]): Asked {
  const requests = requestsFor(when)
  const was = decisionsOf(view, requests, true)
  const due = new Set(
    [...requests.keys()].filter(
      i => isIn(requests[i]!, when) && isOfCatalog(was[i]!) && !isOfCohort(view, was[i]!),
    ),
  )
  return { view, when, requests, was, due }
}

const turnedToVersion = (before: Decision): string =>
  seen({ ...turnedTo(before, [['v2', 100]]), mirrors: [] })

/** Which of the requests that are to go to the version do; undefined where another one goes elsewhere. */
export function turnedIn({ requests, was, due }: Asked, after: ClusterView): ReadonlySet<number> | undefined {
  const is = decisionsOf(after, requests, true)
  const turned = new Set<number>()
  for (const i of requests.keys()) {
    const [before, now] = [was[i]!, is[i]!]
    const text = seen(now)
    if (fails(now) && !fails(before)) return undefined
    if (due.has(i) && text === turnedToVersion(before)) turned.add(i)
    else if (text !== seen(before) && text !== seen(pinned(before))) return undefined
  }
  return turned
}

/** What each place does. */
export function* placementsIn(asked: Asked): Generator<Placement> {
  const base = pinnedView(asked.view)
  for (const copy of copiesIn(base, asked.when))
    for (const place of placesOf(base, copy))
      yield { place, turned: turnedIn(asked, sessionOf(overlay(base, [place.change]))) }
}

/**
 * Places that together turn each request of the cohort and change no other one: each alone changes nothing
 * that it should not, and a request that two of them take goes to the version by either. Undefined where no
 * places do.
 */
export function placesThatDo(asked: Asked): readonly Place[] | undefined {
  const left = new Set(asked.due)
  const chosen: Place[] = []
  for (const { place, turned } of placementsIn(asked)) {
    if (turned === undefined || ![...turned].some(i => left.has(i))) continue
    chosen.push(place)
    for (const i of turned) left.delete(i)
    if (left.size === 0) return chosen
  }
  return undefined
}
