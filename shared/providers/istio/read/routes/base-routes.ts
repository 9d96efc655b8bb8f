import type { WeightedDestination } from '../../../../objects/virtual-service.ts'
import type { ClusterView } from '../../../../view/cluster-view.ts'
import { describe } from '../../../../routing/describe-match.ts'
import { fieldsOf, textsOf } from '../../../../objects/unchecked.ts'
import { describeBlocks } from '../../resolve/objects/match.ts'
import type { Completeness } from '../../resolve/outcome.ts'
import { carriedRoutes, isTo, type CarriedRoute, type Carrier } from './carriers.ts'
import { ourRoutes } from '../record/record.ts'
import { listOf, type RoutedService } from '../routed-service.ts'
import type { IstioVersion } from '../versions.ts'

/** What the reading of an entry point rests on besides the carrier itself. */
export interface EntryQuestion extends Completeness {
  readonly service: RoutedService
  readonly versions: readonly IstioVersion[]
  /** All VirtualServices that carry routes of the Service. */
  readonly carriers: readonly Carrier[]
}

/** A route that can have a cohort's routes before it: one of the Service that is not ours. */
export interface BaseRoute extends CarriedRoute {
  readonly raw: AnyRoute
}

/** A route of whatever section, as it is written. */
export interface AnyRoute {
  readonly name?: string
  readonly match?: readonly object[]
  readonly route?: readonly WeightedDestination[]
}

/**
 * The routes of a carrier that are not ours and send requests to the Service; all that send anywhere where
 * the carrier leads elsewhere.
 */
export function baseRoutesOf(
  view: ClusterView,
  carrier: Carrier,
  service: RoutedService,
): readonly BaseRoute[] {
  const ours = ourRoutes(carrier.object)
  const leads = isTo(service)
  return carriedRoutes(view, carrier).flatMap(carried => {
    const { section, index, route } = carried
    const isOurs = section === 'http' && route.name !== undefined && ours.has(route.name)
    const isBase = route.targets.some(target => !target.isMirror && (carrier.leadsElsewhere || leads(target)))
    const raw: AnyRoute | undefined = listOf<AnyRoute>(carrier.object.spec[section])[index]
    return isOurs || !isBase || raw === undefined ? [] : [{ ...carried, raw }]
  })
}

/** What a base route takes, in few words; of a delegate's with what each root that delegates to it asks besides. */
export function takenBy({ raw, references }: Pick<BaseRoute, 'raw' | 'references'>): string {
  const merged = references
    .map(({ reference }) => reference.route)
    .filter(({ written }) => written !== undefined)
  if (merged.length === 0) return describeBlocks(listOf(raw.match))
  if (merged.some(({ conditions }) => conditions.length === 0)) return ''
  return describe(
    merged
      .flatMap(({ conditions }) => conditions)
      .map(({ match, block }) => ({ ...match, entrances: textsOf(fieldsOf(block)['gateways']) })),
  )
}
