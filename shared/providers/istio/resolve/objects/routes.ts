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
import { isCatchAll } from '../../../../routing/match.ts'
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
  /** As it is written; `matchOf` reads it. Of a delegate's, with what it takes over from the root's. */
  readonly block: Readonly<Record<string, unknown>>
  /**
   * It asks nothing of the request itself, so that a client which meets it never goes on to the next route.
   */
  readonly isCatchAll: boolean
  /** tls and tcp: the part that the proxy decides per connection. */
  readonly sniHosts: readonly string[]
  readonly subnets: readonly string[]
}

export interface Route {
  readonly section: RouteSection
  readonly place: Path
  readonly name: string | undefined
  readonly conditions: readonly MatchBlock[]
  readonly targets: readonly RouteTarget[]
  readonly delegate: { readonly name: string; readonly namespace: string } | undefined
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
    hosts: textsOf(spec['hosts']).filter(host => host !== ''),
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
  const delegate = fieldsOf(route['delegate'])
  const name = textOf(delegate['name'])
  const targets = [
    ...destinationsIn(route, standing),
    ...(section === 'http' ? [...mirrorIn(route, standing), ...mirrorsIn(route, standing)] : []),
  ]
  return {
    section,
    place: standing.place,
    name: textOf(route['name']),
    conditions: itemsOf(route['match']).map(match => conditionOf(fieldsOf(match), standing.namespace)),
    targets: answersItself(route) ? targets.map(withoutShare) : targets,
    delegate:
      section === 'http' && name !== undefined
        ? { name, namespace: textOf(delegate['namespace']) ?? standing.namespace }
        : undefined,
    fields: route,
  }
}

/** A target that nothing reaches. */
export const withoutShare = (target: RouteTarget): RouteTarget => ({ ...target, hasShare: false })

function conditionOf(fields: Readonly<Record<string, unknown>>, namespace: string): MatchBlock {
  const source = matchSourceOf(fields, namespace)
  return {
    ...source,
    name: textOf(fields['name']),
    block: fields,
    isCatchAll: isCatchAll(matchOf(fields, source)),
    sniHosts: textsOf(fields['sniHosts']),
    subnets: textsOf(fields['destinationSubnets']),
  }
}
