import { namespaceOf, type Labels } from '../../../../objects/kube-object.ts'
import type { VirtualService } from '../../../../objects/virtual-service.ts'
import {
  derivedOnce,
  fieldsOf,
  isFields,
  itemsOf,
  labelsOf,
  namesOf,
  numberOf,
  textOf,
  textsOf,
} from '../../../../objects/unchecked.ts'

/** Where something stands in its object, from the root. */
export type Place = readonly (string | number)[]
export type Section = 'http' | 'tcp' | 'tls'

/** One destination or mirror as it is written; names without a dot are of `namespace`, which for a delegate's routes is the delegate's. */
export interface Target {
  readonly place: Place
  readonly host: string
  readonly namespace: string
  readonly subset: string | undefined
  readonly port: number | undefined
  readonly weight: number | undefined
  readonly isMirror: boolean
  /** Whether traffic can reach it when its route is reached: not of weight 0 among several, not a mirror of 0 %. */
  readonly hasShare: boolean
}

/** One block of a route's `match`. */
export interface Condition {
  /** Gateways by `namespace/name`, or `mesh`; none means all that the VirtualService has. */
  readonly gateways: readonly string[]
  readonly port: number | undefined
  readonly sourceNamespace: string | undefined
  readonly sourceLabels: Labels
  /** It asks nothing of the request itself, so that a client which meets it never goes on to the next route. */
  readonly isCatchAll: boolean
  /** tls and tcp: the part that the proxy decides per connection. */
  readonly sniHosts: readonly string[]
  readonly subnets: readonly string[]
  readonly fields: Readonly<Record<string, unknown>>
}

export interface Route {
  readonly section: Section
  readonly place: Place
  readonly name: string | undefined
  readonly conditions: readonly Condition[]
  readonly targets: readonly Target[]
  readonly delegate: { readonly name: string; readonly namespace: string } | undefined
  /** The route as its delegate says it, where it was merged under a root's conditions. */
  readonly written?: Route
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

/** Where a route stands, and the namespace in which it speaks. */
interface Standing {
  readonly place: Place
  readonly namespace: string
}

function routeOf(
  route: Readonly<Record<string, unknown>>,
  section: Section,
  { place, namespace }: Standing,
): Route {
  const delegate = fieldsOf(route['delegate'])
  const name = textOf(delegate['name'])
  const answersItself = isFields(route['redirect']) || isFields(route['directResponse'])
  return {
    section,
    place,
    name: textOf(route['name']),
    conditions: itemsOf(route['match']).map(match => conditionOf(fieldsOf(match), namespace)),
    targets: [
      ...destinationsIn(route, place, namespace),
      ...(section === 'http' ? mirrorsIn(route, place, namespace) : []),
    ].map(target => (answersItself ? { ...target, hasShare: false } : target)),
    delegate:
      section === 'http' && name !== undefined
        ? { name, namespace: textOf(delegate['namespace']) ?? namespace }
        : undefined,
  }
}

function destinationsIn(
  route: Readonly<Record<string, unknown>>,
  place: Place,
  namespace: string,
): readonly Target[] {
  const list = itemsOf(route['route'])
  return list.flatMap((item, i) => {
    const weight = numberOf(fieldsOf(item)['weight'])
    const shares = { weight, isMirror: false, hasShare: list.length === 1 || (weight ?? 0) > 0 }
    return targetOf(fieldsOf(item)['destination'], {
      place: [...place, 'route', i, 'destination'],
      namespace,
      ...shares,
    })
  })
}

function mirrorsIn(
  route: Readonly<Record<string, unknown>>,
  place: Place,
  namespace: string,
): readonly Target[] {
  const percentage = isFields(route['mirrorPercentage'])
    ? (numberOf(route['mirrorPercentage']['value']) ?? 0)
    : (numberOf(route['mirrorPercent'] ?? route['mirror_percent']) ?? 100)
  const one = targetOf(route['mirror'], {
    place: [...place, 'mirror'],
    namespace,
    weight: undefined,
    isMirror: true,
    hasShare: percentage > 0,
  })
  return [
    ...one,
    ...itemsOf(route['mirrors']).flatMap((item, i) => {
      const { destination, percentage: share } = fieldsOf(item)
      const hasShare = !isFields(share) || (numberOf(share['value']) ?? 0) > 0
      return targetOf(destination, {
        place: [...place, 'mirrors', i, 'destination'],
        namespace,
        weight: undefined,
        isMirror: true,
        hasShare,
      })
    }),
  ]
}

function targetOf(
  value: unknown,
  rest: Pick<Target, 'place' | 'namespace' | 'weight' | 'isMirror' | 'hasShare'>,
): readonly Target[] {
  const destination = fieldsOf(value)
  const host = textOf(destination['host'])
  if (host === undefined) return []
  return [
    {
      ...rest,
      host,
      subset: textOf(destination['subset']),
      port: numberOf(fieldsOf(destination['port'])['number']),
    },
  ]
}

/** What a block may ask of the request; a uri prefix of `/` and the expression `.*` are met by all (IsCatchAllRoute). */
const requestFields = ['scheme', 'method', 'authority'] as const
const requestMaps = ['headers', 'withoutHeaders', 'queryParams'] as const

function conditionOf(fields: Readonly<Record<string, unknown>>, namespace: string): Condition {
  const uri = fieldsOf(fields['uri'])
  const port = numberOf(fields['port'])
  const asksUri = isFields(fields['uri']) && uri['prefix'] !== '/' && uri['regex'] !== '.*'
  return {
    gateways: textsOf(fields['gateways']).map(name => gatewayName(name, namespace)),
    port: port === 0 ? undefined : port,
    sourceNamespace: textOf(fields['sourceNamespace']),
    sourceLabels: labelsOf(fields['sourceLabels']),
    isCatchAll:
      !asksUri
      && !requestFields.some(field => isFields(fields[field]))
      && !requestMaps.some(field => Object.keys(fieldsOf(fields[field])).length > 0),
    sniHosts: textsOf(fields['sniHosts']),
    subnets: textsOf(fields['destinationSubnets']),
    fields,
  }
}

/** `gw` and `./gw` are of the VirtualService's own namespace, `gw.ns.svc.cluster.local` is the spelling of old (resolveGatewayName). */
export function gatewayName(name: string, namespace: string): string {
  if (name === 'mesh') return name
  const slash = name.indexOf('/')
  if (slash >= 0) return name.slice(0, slash) === '.' ? `${namespace}${name.slice(slash)}` : name
  const [short, owner] = name.split('.')
  return `${owner ?? namespace}/${short}`
}
