import type { RecordedCohort, RoutingReader, ServiceReading } from '../../routing/provider.ts'
import { idOf } from '../../routing/service.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import { versionsNamed } from './find-version.ts'

/** Why a cohort does nothing any more: what it was set for is gone. */
export type Leftover = 'service-gone' | 'version-gone' | 'no-workload' | 'routes-gone'

/** A cohort of a service as it is recorded, on however many objects. */
export interface KnownCohort {
  /** One of its records. */
  readonly record: RecordedCohort
  readonly leftover?: Leftover
}

/**
 * The cohorts that are recorded for services of a namespace, or with `*` of all, each once, and what of them is left
 * over. On files, what is not there may be elsewhere: only what the files themselves show is said.
 */
export function knownCohorts(
  view: ClusterView,
  { namespace, live = false }: { readonly namespace: string; readonly live?: boolean },
  providers: readonly RoutingReader[],
): readonly KnownCohort[] {
  return providers.flatMap(provider => {
    const readings = new Map<string, ServiceReading>()
    const readingOf = ({ routed }: RecordedCohort): ServiceReading => {
      const id = idOf(routed)
      const reading = readings.get(id) ?? provider.read(view, routed, { complete: live })
      readings.set(id, reading)
      return reading
    }
    const alike = Map.groupBy(
      provider.cohorts(view, namespace),
      one => `${one.service} ${one.name} ${one.to}`,
    )
    return [...alike.values()].map(records => {
      const leftover = leftoverOf(readingOf(records[0]!), records)
      return { record: records[0]!, ...(leftover !== undefined && { leftover }) }
    })
  })
}

function leftoverOf(reading: ServiceReading, records: readonly RecordedCohort[]): Leftover | undefined {
  const { to, routed } = records[0]!
  const { view, complete, versions, seesWorkloads } = reading
  const isService = routed.host === undefined
  const { namespace, name } = routed
  const isAlone = isService && routed.hosts === undefined
  if (complete && isAlone && view.get({ kind: 'Service', namespace, name }) === undefined)
    return 'service-gone'
  const meant = versionsNamed(versions, to)
  if (meant.length === 0) return 'version-gone'
  if (complete && isService && seesWorkloads && meant.every(({ workloads }) => workloads.length === 0))
    return 'no-workload'
  const written = records.flatMap(({ routes }) => routes).length
  return written > 0 && records.flatMap(({ lost }) => lost).length === written ? 'routes-gone' : undefined
}
