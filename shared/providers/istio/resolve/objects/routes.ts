import { namespaceOf } from '../../../../objects/kube-object.ts'
import type { VirtualService } from '../../../../objects/virtual-service.ts'
import type { Path } from '../../../../objects/paths.ts'
import {
  derivedOnce,
  fieldsOf,
  isFields,
  itemsOf,
  namesOf,
  textOf,
  textsOf,
} from '../../../../objects/unchecked.ts'
import { isCatchAll, type Match } from '../../../../routing/match.ts'
import { gatewayName, matchOf, matchSourceOf, type MatchSource } from './match.ts'
import {
  answersItself,
  destinationsIn,
  mirrorIn,
  mirrorsIn,
  type Standing,
  type RouteTarget,
} from './targets.ts'

export type { RouteTarget } from './targets.ts'

export type RouteSection = 'http' | 'tcp' | 'tls'

/** One block of a route's `match`. */
export interface MatchBlock extends MatchSource {
  readonly name: string | undefined
  /** As it is written. Of a delegate's, with what it takes over from the root's. */
  readonly block: Readonly<Record<string, unknown>>
  /** The same in the common terms. */
  readonly match: Match
  /**
   * It asks nothing of the request itself, so that a client which meets it never continues to the next route.
   */
  readonly isCatchAll: boolean
  /** tls and tcp: the part that the proxy decides per connection. */
  readonly sniHosts: readonly string[]
  readonly subnets: readonly string[]
}

/** What a route asks, and whether it leaves the answer to a delegate. */
export interface AskingRoute {
  readonly conditions: readonly MatchBlock[]
  readonly delegate: { readonly name: string; readonly namespace: string } | undefined
}

export interface Route extends AskingRoute {
  readonly section: RouteSection
  readonly place: Path
  readonly name: string | undefined
  readonly targets: readonly RouteTarget[]
  /** The route as its delegate says it, where it was merged under a root's conditions. */
  readonly written?: Route
  /** As it is written; of a delegate's route with what it takes over from the root's. */
  readonly fields: Readonly<Record<string, unknown>>
}

/** What a VirtualService says, read with care. */
export interface Routing {
  readonly namespace: string
  readonly hosts: readonly string[]
  /** By `namespace/name`, or `mesh`; never empty for one that has hosts. */
  readonly gateways: readonly string[]
  readonly exportTo: ReadonlySet<string>
  readonly routes: readonly Route[]
}

export const routingOf: (object: VirtualService) => Routing = derivedOnce(object => {
  const namespace = namespaceOf(object)
  const spec = fieldsOf(object.spec)
  const gateways = textsOf(spec['gateways']).map(name => gatewayName(name, namespace))
  return {
    namespace,
    hosts: hostsIn(object),
    gateways: gateways.length === 0 ? ['mesh'] : gateways,
    exportTo: namesOf(textsOf(spec['exportTo'])),
    // Most of it, and not asked for where many contend for a host.
    get routes() {
      return routesOf(object)
    },
  }
})

const routesOf = derivedOnce((object: VirtualService): readonly Route[] => {
  const [spec, namespace] = [fieldsOf(object.spec), namespaceOf(object)]
  return (['http', 'tcp', 'tls'] as const).flatMap(section =>
    itemsOf(spec[section]).flatMap((route, i) =>
      isFields(route) ? [routeOf(route, section, { place: ['spec', section, i], namespace })] : [],
    ),
  )
})

function routeOf(route: Readonly<Record<string, unknown>>, section: RouteSection, standing: Standing): Route {
  const targets = [
    ...destinationsIn(route, standing),
    ...(section === 'http' ? [...mirrorIn(route, standing), ...mirrorsIn(route, standing)] : []),
  ]
  return {
    section,
    place: standing.place,
    name: textOf(route['name']),
    ...askingOf(route, section, standing.namespace),
    targets: answersItself(route) ? targets.map(withoutShare) : targets,
    fields: route,
  }
}

function askingOf(
  route: Readonly<Record<string, unknown>>,
  section: RouteSection,
  namespace: string,
): AskingRoute {
  const delegate = fieldsOf(route['delegate'])
  const name = textOf(delegate['name'])
  return {
    conditions: itemsOf(route['match']).map(match => conditionOf(fieldsOf(match), namespace)),
    delegate:
      section === 'http' && name !== undefined
        ? { name, namespace: textOf(delegate['namespace']) ?? namespace }
        : undefined,
  }
}

/** The hosts of a VirtualService, as they are written. */
export const hostsIn = (object: VirtualService): readonly string[] =>
  textsOf(fieldsOf(object.spec)['hosts']).filter(host => host !== '')

/** What the http routes of a VirtualService ask, without where they lead. */
export const askingRoutesOf = (object: VirtualService): readonly AskingRoute[] =>
  itemsOf(fieldsOf(object.spec)['http']).flatMap(route =>
    isFields(route) ? [askingOf(route, 'http', namespaceOf(object))] : [],
  )

/** A target that nothing reaches. */
export const withoutShare = (target: RouteTarget): RouteTarget => ({ ...target, hasShare: false })

function conditionOf(fields: Readonly<Record<string, unknown>>, namespace: string): MatchBlock {
  const source = matchSourceOf(fields, namespace)
  const match = matchOf(fields, source)
  return {
    ...source,
    name: textOf(fields['name']),
    block: fields,
    match,
    isCatchAll: isCatchAll(match),
    sniHosts: textsOf(fields['sniHosts']),
    subnets: textsOf(fields['destinationSubnets']),
  }
}
