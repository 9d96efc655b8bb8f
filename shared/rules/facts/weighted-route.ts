import { quotedName } from '../../objects/text/escaped.ts'
import { expandHost } from '../../objects/hosts.ts'
import { namespaceOf } from '../../objects/kube-object.ts'
import type { VirtualService } from '../../objects/virtual-service.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import { once } from '../../view/session.ts'
import type { Path } from '../rule.ts'

/** One http, tcp or tls route that splits its traffic, read with care: no API server may have checked it. */
export interface WeightedRoute {
  readonly path: Path
  readonly targets: readonly WeightedTarget[]
}

export interface WeightedTarget {
  readonly path: Path
  /**
   * The resolved host, subset and port, so that two spellings of one destination are one:
   * `catalog.shop.svc.cluster.local/v2:80`.
   */
  readonly name: string
  /** The name with the headers that are set on this way: two ways to one destination may differ in them. */
  readonly way: string
  /** As people say it: the subset, else the host. */
  readonly label: string
  /** What is written; undefined when nothing is. */
  readonly weight: unknown
  /** What is written under `destination`, where it is one level too deep. */
  readonly misplacedWeight: unknown
  /** A key that is none of a destination's, such as `wieght`, where no weight is written. */
  readonly misspelled: string | undefined
}

/** Whether a key is misspelled: that is the fault, and what the weights add up to is not known. */
export const isMisspelled = ({ targets }: WeightedRoute): boolean =>
  targets.some(({ misspelled }) => misspelled !== undefined)

/** Every route of a VirtualService that names destinations, in the order http, tcp, tls. */
export const weightedRoutes = (view: ClusterView, subject: VirtualService): readonly WeightedRoute[] =>
  once(view, [weightedRoutes, subject], () => {
    const hostOf = (host: unknown): string =>
      typeof host === 'string' ? expandHost(host, namespaceOf(subject), view.mesh.clusterDomain) : ''
    return (['http', 'tcp', 'tls'] as const).flatMap(list =>
      entriesOf(field(subject.spec, list)).flatMap(([i, route]) => {
        const path: Path = ['spec', list, i, 'route']
        const targets = entriesOf(field(route, 'route')).map(([j, entry]) =>
          targetOf(entry, [...path, j], hostOf),
        )
        return targets.length === 0 ? [] : [{ path, targets }]
      }),
    )
  })

/** What a route's weights are about, free of places: the destinations with their weights, in one order. */
export const aboutWeights = ({ targets }: WeightedRoute): string =>
  targets
    .map(({ name, weight }) => `${name}=${JSON.stringify(weight) ?? ''}`)
    .sort()
    .join(' ')

/** A weight as Istio takes it: an integer from 0 to the largest int32. */
export const isWeight = (weight: unknown): weight is number =>
  Number.isInteger(weight) && (weight as number) >= 0 && (weight as number) <= 2 ** 31 - 1

function targetOf(entry: unknown, path: Path, hostOf: (host: unknown) => string): WeightedTarget {
  const destination = field(entry, 'destination')
  const [host, subset, port] = [
    field(destination, 'host'),
    field(destination, 'subset'),
    field(field(destination, 'port'), 'number'),
  ]
  const headers: unknown = field(entry, 'headers')
  const name = `${hostOf(host)}${isSaid(subset) ? `/${String(subset)}` : ''}${isSaid(port) ? `:${String(port)}` : ''}`
  const weight = field(entry, 'weight') ?? undefined
  return {
    path,
    name,
    way: headers === undefined ? name : `${name} ${JSON.stringify(headers)}`,
    label: quotedName(String(isSaid(subset) ? subset : host)),
    weight,
    misplacedWeight: field(destination, 'weight') ?? undefined,
    misspelled: weight === undefined ? unknownKeyIn(entry) : undefined,
  }
}

const knownKeys: ReadonlySet<string> = new Set(['destination', 'weight', 'headers'])

const unknownKeyIn = (entry: unknown): string | undefined =>
  typeof entry === 'object' && entry !== null
    ? Object.keys(entry).find(key => !knownKeys.has(key))
    : undefined

const isSaid = (value: unknown): boolean =>
  typeof value === 'number' || typeof value === 'boolean' || (typeof value === 'string' && value !== '')

const field = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined

const entriesOf = (value: unknown): readonly [number, unknown][] =>
  Array.isArray(value) ? [...value.entries()] : []
