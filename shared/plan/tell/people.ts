import { formatCondition } from '../../routing/condition.ts'
import type { RoutedService } from '../../providers/istio/read/routed-service.ts'
import type { EntryPoint, Share } from '../../routing/traffic.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import { trafficOf } from '../read-traffic.ts'

/** Who gets what of the Service: one line where all entry points agree, else one for each. */
export function peopleOf(view: ClusterView, service: RoutedService): readonly string[] {
  const { entryPoints } = trafficOf(view, service)
  const lines = entryPoints.map(entryPoint => ({ entryPoint, line: formatEntryPoint(entryPoint) }))
  const distinct = new Set(lines.map(({ line }) => line))
  if (distinct.size === 1) return [`${service.name}: ${lines[0]!.line}`]
  return lines.map(
    ({ entryPoint: { ref }, line }) => `${service.name} (${ref.kind} ${ref.namespace}/${ref.name}): ${line}`,
  )
}

/** `cohort internal (x-istio-cohort: internal) → v2; everyone else → v1 90 %, v2 10 %`. */
export function formatEntryPoint({ cohorts, splits, mirrors }: EntryPoint): string {
  const groups = cohorts.map(
    ({ name, to, conditions }) => `cohort ${name} (${conditions.map(formatCondition).join(' and ')}) → ${to}`,
  )
  const everyone = cohorts.length > 0 ? 'everyone else' : 'everyone'
  const shares = new Set(splits.map(split => formatShares(split.shares)))
  const rest =
    shares.size <= 1
      ? [...shares].map(text => `${everyone} → ${text}`)
      : splits.map(
          ({ takes, shares: those }) => `${takes === '' ? everyone : takes} → ${formatShares(those)}`,
        )
  const copies = mirrors.map(({ version, percent }) => `${formatPercent(percent)} copied to ${version}`)
  return [...groups, ...rest, ...copies].join('; ')
}

/** `v1 90 %, v2 10 %`; a version that takes everything needs no figure. */
export function formatShares(shares: readonly Share[]): string {
  const taking = shares.filter(({ percent }) => percent > 0)
  if (taking.length === 0) return 'nobody'
  return taking.length === 1
    ? taking[0]!.version
    : taking.map(({ version, percent }) => `${version} ${formatPercent(percent)}`).join(', ')
}

const formatPercent = (percent: number): string => `${Math.round(percent * 10) / 10} %`
