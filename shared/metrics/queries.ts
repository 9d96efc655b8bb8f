import { serviceHost } from '../objects/hosts.ts'
import type { RoutedService } from '../routing/service.ts'
import { formatWindow, isOneOf, literal, quoted, summedRate, type RateQuery } from './prometheus/promql.ts'

/**
 * Istio's standard metrics (https://istio.io/latest/docs/reference/config/metrics/). What their labels hold is decided in
 * istio/proxy, source/extensions/filters/http/istio_stats/istio_stats.cc.
 */
export const requestsMetric = 'istio_requests_total'
export const durationMetric = 'istio_request_duration_milliseconds_bucket'

/** What tells whose request it was, and which version answered it. */
export const identityLabels = [
  'reporter',
  'destination_service',
  'destination_version',
  'destination_canonical_revision',
  'destination_workload',
  'destination_workload_namespace',
] as const

const responseLabels = ['response_code', 'response_flags', 'grpc_response_status'] as const

/** The hosts that lead to a service; those of its versions where they are Services of their own. */
export function hostsOf({
  name,
  namespace,
  clusterDomain,
  host,
  hosts = [],
}: RoutedService): readonly string[] {
  const own = host ?? serviceHost(name, namespace, clusterDomain)
  return [...new Set([own, ...hosts.map(served => served.host)])]
}

/**
 * The series of some hosts. `destination_service` is the host of the chosen cluster; the label
 * `destination_service_namespace` is none of the service where no pod was chosen (503 UH) or a waypoint of another
 * namespace reports, so it is not asked for.
 */
const matchersOf = (hosts: readonly string[]): readonly string[] => [
  isOneOf('reporter', ['destination', 'source', 'waypoint']),
  isOneOf('destination_service', hosts),
]

/** How series are added up: per second, or as numbers. */
export type Summed = (query: RateQuery) => string

/** Requests of some hosts, by version and by what was answered; per second unless they are summed otherwise. */
export const requestsQuery = (
  hosts: readonly string[],
  window: number,
  summed: Summed = summedRate,
): string =>
  summed({
    by: [...identityLabels, ...responseLabels],
    metric: requestsMetric,
    matchers: matchersOf(hosts),
    window,
  })

/** The buckets of their durations, by version; quantiles are taken over all workloads of a version. */
export const durationsQuery = (
  hosts: readonly string[],
  window: number,
  summed: Summed = summedRate,
): string =>
  summed({ by: [...identityLabels, 'le'], metric: durationMetric, matchers: matchersOf(hosts), window })

/** Requests per second by version, for a range. */
export const trendQuery = (hosts: readonly string[], window: number): string =>
  summedRate({ by: identityLabels, metric: requestsMetric, matchers: matchersOf(hosts), window })

/** The names by which callers name a Service, as they may be in a Host header. */
export function namesOf({ name, namespace, clusterDomain, host }: RoutedService): readonly string[] {
  if (host !== undefined) return [host]
  return [
    name,
    `${name}.${namespace}`,
    `${name}.${namespace}.svc`,
    serviceHost(name, namespace, clusterDomain),
  ]
}

/** Labels of what was sent nowhere. */
export const unroutedLabels = ['destination_service', 'source_workload_namespace', ...responseLabels] as const

/**
 * Requests that were sent nowhere, because the route names a cluster that does not exist (503 NC): without a cluster,
 * `destination_service` is the Host header as the caller wrote it.
 */
export const unroutedQuery = (
  services: readonly RoutedService[],
  window: number,
  summed: Summed = summedRate,
): string =>
  summed({
    by: unroutedLabels,
    metric: requestsMetric,
    matchers: [
      isOneOf('reporter', ['source', 'waypoint']),
      `response_flags=~${quoted('(.*,)?NC(,.*)?')}`,
      `destination_service=~${quoted(`(${services.flatMap(namesOf).toSorted().map(literal).join('|')})(:[0-9]+)?`)}`,
    ],
    window,
  })

/** Over how long scrapes are counted, in seconds. */
export const scrapesCountedOver = 300

/** How often the series of some hosts were scraped in that time: of those alone that are older. */
export function scrapesQuery(hosts: readonly string[]): string {
  const series = `${requestsMetric}{${matchersOf(hosts).join(', ')}}`
  const window = formatWindow(scrapesCountedOver)
  return `max(count_over_time(${series}[${window}]) and ${series} offset ${window})`
}

/** How many series of Istio's there are at all. */
export const anySeriesQuery = `count(${requestsMetric})`
