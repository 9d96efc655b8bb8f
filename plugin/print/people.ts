import { formatCondition } from '../../shared/routing/condition.ts'
import { formatPercent } from '../../shared/routing/shares.ts'
import { formatFault, formatShares } from '../../shared/routing/format-shares.ts'
import type { EntryPoint, Traffic } from '../../shared/routing/traffic.ts'

/**
 * Who gets what of the Service: one line where all entry points that take requests agree, else one for each.
 */
export function peopleOf({
  service,
  entryPoints,
}: Pick<Traffic, 'service' | 'entryPoints'>): readonly string[] {
  const lines = entryPoints
    .filter(({ idle }) => idle === undefined)
    .map(entryPoint => ({ entryPoint, line: formatEntryPoint(entryPoint) }))
  const distinct = new Set(lines.map(({ line }) => line))
  if (distinct.size === 1) return [`${service}: ${lines[0]!.line}`]
  return lines.map(
    ({ entryPoint: { ref }, line }) => `${service} (${ref.kind} ${ref.namespace}/${ref.name}): ${line}`,
  )
}

/** `cohort internal (x-istio-cohort: internal) → v2; everyone else → v1 90 %, v2 10 %`. */
export function formatEntryPoint({ cohorts, splits, mirrors }: EntryPoint): string {
  const groups = cohorts
    .filter(({ reached }) => reached)
    .map(
      ({ name, to, conditions, fault }) =>
        `cohort ${name} (${conditions.map(formatCondition).join(' and ')}) → ${to}${fault === undefined ? '' : formatFault({ fault })}`,
    )
  const everyone = groups.length > 0 ? 'everyone else' : 'everyone'
  const reached = splits.filter(split => split.reached)
  const shares = new Set(reached.map(split => formatShares(split.shares)))
  const rest =
    shares.size <= 1
      ? [...shares].map(text => `${everyone} → ${text}`)
      : reached.map(
          ({ takes, shares: those }) => `${takes === '' ? everyone : takes} → ${formatShares(those)}`,
        )
  const copies = mirrors.map(({ version, percent }) => `${formatPercent(percent)} mirrored to ${version}`)
  return [...groups, ...rest, ...copies].join('; ')
}
