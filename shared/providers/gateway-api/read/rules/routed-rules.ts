import type { BackendRef, RouteRule, ServiceRoute } from '../../../../objects/gateway-api.ts'
import { describe } from '../../../../routing/describe-match.ts'
import { cohortsIn, readRecord, type CohortRecord } from '../../../../routing/record/record.ts'
import type { RoutedService } from '../../../../routing/service.ts'
import type { ClusterView } from '../../../../view/cluster-view.ts'
import { once } from '../../../../view/session.ts'
import { matchesOf } from '../../resolve/matches.ts'
import { backendsOf, rulesOf, weightOf } from '../../resolve/routes.ts'
import { ruleKeys } from './rule-keys.ts'
import { hostOfBackend, keyOfService, routesAbout, servedHosts } from '../services/service-hosts.ts'

/** What part of a rule's requests one of its backends gets. */
export interface RulePart {
  readonly backend: BackendRef
  /** Its place among the backends of the rule. */
  readonly index: number
  /** The host of its Service; undefined for a backend of another kind. */
  readonly host: string | undefined
  /** It leads to the service. */
  readonly isOwn: boolean
  /** In percent, as it is carried out: weights are proportions. */
  readonly percent: number
}

/** A rule that leads to a service. */
export interface RoutedRule {
  readonly route: ServiceRoute
  readonly index: number
  readonly rule: RouteRule
  readonly key: string
  readonly parts: readonly RulePart[]
  /** The cohort of the service whose rule it is; undefined for a base rule. */
  readonly cohort: CohortRecord | undefined
  /** What it takes, in few words; empty for everything. */
  readonly takes: string
}

/** The rules that lead to a service, in the order of their routes. Those that carry cohorts of others are left out. */
export const rulesTo = (view: ClusterView, service: RoutedService): readonly RoutedRule[] =>
  once(view, [rulesTo, keyOfService(service)], () =>
    routesTo(view, service).flatMap(route => rulesIn(view, route, service)),
  )

/** The routes that send requests to a service. */
export const routesTo = (view: ClusterView, service: RoutedService): readonly ServiceRoute[] =>
  once(view, [routesTo, keyOfService(service)], () =>
    [...new Set(servedHosts(service).flatMap(host => routesAbout(view, host)))].filter(
      route => rulesIn(view, route, service).length > 0,
    ),
  )

/** The rules of a route that lead to a service. */
export function rulesIn(
  view: ClusterView,
  route: ServiceRoute,
  service: RoutedService,
): readonly RoutedRule[] {
  const [keys, own] = [ruleKeys(route), cohortsIn(route, service)]
  const ours = new Set((readRecord(route)?.cohorts ?? []).flatMap(({ routes }) => routes))
  return rulesOf(route).flatMap((rule, index): readonly RoutedRule[] => {
    const key = keys[index]!
    const parts = partsOf(view, { route, rule }, service)
    const cohort = own.find(({ routes }) => routes.includes(key))
    if (!parts.some(({ isOwn }) => isOwn) || (ours.has(key) && cohort === undefined)) return []
    return [{ route, index, rule, key, parts, cohort, takes: takenBy(route, index) }]
  })
}

/** What each backend of a rule gets. */
function partsOf(
  view: ClusterView,
  { route, rule }: Pick<RoutedRule, 'route' | 'rule'>,
  service: RoutedService,
): readonly RulePart[] {
  const [backends, hosts] = [backendsOf(rule), new Set(servedHosts(service))]
  const total = backends.reduce((sum, backend) => sum + Math.max(0, weightOf(backend)), 0)
  return backends.map((backend, index) => {
    const host = hostOfBackend(view, route, backend)
    return {
      backend,
      index,
      host,
      isOwn: host !== undefined && hosts.has(host),
      percent: total === 0 ? 0 : (Math.max(0, weightOf(backend)) * 100) / total,
    }
  })
}

/** What a rule takes, in few words; empty for everything. */
export const takenBy = (route: ServiceRoute, index: number): string => {
  const matches = matchesOf(route).flatMap(({ rule, match }) => (rule === index && match ? [match] : []))
  const texts = matches.map(match => describe([match]))
  return texts.includes('') ? '' : texts.join(' or ')
}

/** Whether a rule singles out some requests' senders, as opposed to what they ask for. */
export const singlesOut = ({ rule: { matches } }: Pick<RoutedRule, 'rule'>): boolean =>
  matches !== undefined
  && matches.length > 0
  && matches.every(({ headers = [], queryParams = [] }) => headers.length + queryParams.length > 0)
