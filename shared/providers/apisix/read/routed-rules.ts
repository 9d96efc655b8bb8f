import type { ApisixRoute, ApisixRule } from '../../../objects/apisix/apisix-route.ts'
import { fieldsOf, itemsOf } from '../../../objects/unchecked.ts'
import { cohortsIn, readRecord, type CohortRecord } from '../../../routing/record/record.ts'
import type { Completeness, RoutedService } from '../../../routing/service.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { servedHostsOf } from '../../../workloads/service-versions.ts'
import { describeTaken, matchesOf } from '../resolve/matches.ts'
import { partsOf, type SharedPart } from '../resolve/parts.ts'
import { ruleKeys, rulesOf } from '../resolve/rules.ts'
import { routesAbout } from './applications.ts'

/** What part of a rule's requests one of its backends gets. */
export interface OwnedPart extends SharedPart {
  /** It leads to the service. */
  readonly isOwn: boolean
}

/** A rule that leads to a service. */
export interface ApisixRoutedRule {
  readonly route: ApisixRoute
  readonly index: number
  readonly rule: ApisixRule
  /** Its name. */
  readonly key: string
  readonly parts: readonly OwnedPart[]
  /** The cohort of the service whose rule it is; undefined for a base rule. */
  readonly cohort: CohortRecord | undefined
  /** What it takes, in few words; empty for everything. */
  readonly takes: string
}

/** A service, and how much is in view. */
export interface AskedService extends Completeness {
  readonly service: RoutedService
}

/** The routes that send requests to a service. */
export const routesTo = (view: ClusterView, service: RoutedService): readonly ApisixRoute[] => [
  ...new Set(servedHostsOf(service).flatMap(host => routesAbout(view, host))),
]

/** The rules of a route that lead to a service. Those that carry cohorts of others are left out. */
export function rulesIn(
  view: ClusterView,
  route: ApisixRoute,
  { service, complete }: AskedService,
): readonly ApisixRoutedRule[] {
  const [keys, own, hosts] = [ruleKeys(route), cohortsIn(route, service), new Set(servedHostsOf(service))]
  const ours = new Set((readRecord(route)?.cohorts ?? []).flatMap(({ routes }) => routes))
  return rulesOf(route).flatMap((rule, index): readonly ApisixRoutedRule[] => {
    const key = keys[index]!
    const parts = partsOf(view, route, { rule, complete }).map(part => ({
      ...part,
      isOwn: part.host !== undefined && hosts.has(part.host),
    }))
    const cohort = own.find(({ routes }) => routes.includes(key))
    if (!parts.some(({ isOwn }) => isOwn) || (ours.has(key) && cohort === undefined)) return []
    return [{ route, index, rule, key, parts, cohort, takes: takenBy(route, index) }]
  })
}

/** What a rule takes, in few words; empty for everything. */
export function takenBy(route: ApisixRoute, index: number): string {
  const matches = matchesOf(route).filter(({ rule }) => rule === index)
  const texts = [...new Set(matches.map(describeTaken))]
  return texts.includes('') ? '' : texts.join(' or ')
}

/** Whether a rule singles out some requests' senders, as opposed to what they ask for. */
export const singlesOut = ({ rule: { match } }: Pick<ApisixRoutedRule, 'rule'>): boolean => {
  const { exprs, remoteAddrs } = fieldsOf(match)
  return itemsOf(exprs).length + itemsOf(remoteAddrs).length > 0
}
