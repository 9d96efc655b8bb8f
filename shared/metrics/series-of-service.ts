import type { MeasuredService } from './assemble.ts'
import type { PrometheusSeries } from './prometheus/prometheus-api.ts'
import { hostsOf, namesOf } from './queries.ts'

/** Which of the series of several services are this one's. */
export function seriesOfService({ service }: MeasuredService) {
  const hosts = new Set(hostsOf(service))
  const names = new Set(namesOf(service))
  const named = ({ labels }: PrometheusSeries): string =>
    (labels['destination_service'] ?? '').replace(/:\d+$/, '')
  return {
    isOwn: ({ labels }: PrometheusSeries): boolean => hosts.has(labels['destination_service'] ?? ''),
    /** A name without a dot means the Service in the caller's namespace. */
    isUnrouted: (series: PrometheusSeries): boolean => {
      const name = named(series)
      if (hosts.has(series.labels['destination_service'] ?? '')) return false
      return (
        names.has(name)
        && (name !== service.name
          || name === service.host
          || series.labels['source_workload_namespace'] === service.namespace)
      )
    },
  }
}
