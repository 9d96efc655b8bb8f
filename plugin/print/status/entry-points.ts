import { formatRejection, formatUnreached } from '../unreached.ts'
import type { CohortRoute, EntryPoint, StickySplit, Traffic } from '../../../shared/routing/traffic.ts'
import { formatWho } from '../../../shared/routing/traffic.ts'
import { keyOf } from '../../../shared/objects/kube-object.ts'
import { formatName } from '../objects.ts'
import { restOf, sharesOfCohort } from '../services/entry-groups.ts'
import { formatSpan, formatUntil, formatAge } from '../services/span.ts'
import type { TrafficStyle } from '../services/service-status.ts'
import { formatUnknownWeight, mirrorNotes } from '../services/shares.ts'
import { indent, plainCell } from '../table.ts'
import { wrap } from './fit.ts'
import { formatRows, type ShareRow } from './share-rows.ts'

/** Who gets what at each place where requests enter. */
export function formatEntryPoints(
  { entryPoints, stable }: Pick<Traffic, 'entryPoints' | 'stable'>,
  style: TrafficStyle,
): string {
  const headings = entryPoints.map(headingOf)
  return entryPoints
    .map((entryPoint, i) => {
      const { ref, owner, idle } = entryPoint
      const { cyan, dim, yellow } = style.paint
      const isAlone = headings.filter(heading => heading === headings[i]).length === 1
      const name = style.wide || !isAlone ? dim(`  ${formatName(ref)} -n ${ref.namespace}`) : ''
      const inside = { ...style, ...(style.columns !== undefined && { columns: style.columns - 2 }) }
      const rows =
        idle === undefined
          ? formatRows(rowsOf(entryPoint, style), { ...inside, stable })
          : wrap(yellow(plainCell(`takes no requests: ${idle.reason} (${idle.rule})`)), inside)
      return [
        wrap(plainCell(`${cyan(headings[i]!)}${name}`), style, '    '),
        ...rejectedLines(entryPoint).map(line => indent(wrap(yellow(plainCell(line)), inside), '  ')),
        indent(rows, '  '),
        ...(owner === undefined
          ? []
          : [indent(wrap(`${yellow('owned by')} ${plainCell(owner)}, which rewrites it`, inside), '  ')]),
      ].join('\n')
    })
    .join('\n')
}

/** That shares are only what is written, where the object that has them is refused. */
const rejectedLines = ({ rejected }: EntryPoint): readonly string[] =>
  rejected === undefined ? [] : [`not in effect: ${formatRejection(rejected)}. As written:`]

const headingOf = ({ hosts, gateways, preview, roots = [] }: EntryPoint): string =>
  [
    hosts.join(', ') || '(delegate)',
    gateways.length === 0 ? '' : ` on ${gateways.join(', ')}`,
    roots.length === 0 ? '' : ` (delegated by ${roots.map(keyOf).join(', ')})`,
    preview === undefined ? '' : ` (preview of ${preview})`,
  ].join('')

function rowsOf(entryPoint: EntryPoint, style: TrafficStyle): readonly ShareRow[] {
  const { ref, cohorts, splits, mirrors, sticky, affinity } = entryPoint
  const rest = restOf(entryPoint)
  return [
    ...cohorts.map(cohort => cohortRow(cohort, style)),
    ...(sticky === undefined ? [] : [stickyRow(sticky)]),
    ...(affinity === undefined ? [] : [affinityRow(affinity)]),
    ...splits.map((split): ShareRow => {
      const { takes, shares, reached, unknownWeight } = split
      const who = takes === '' ? rest : `${rest}, ${takes}`
      if (!reached) return { who, says: formatUnreached(ref.kind, split), isWarning: true }
      return unknownWeight === undefined
        ? { who, shares, tail: [] }
        : { who, says: formatUnknownWeight(unknownWeight), isWarning: true }
    }),
    ...mirrors.map((mirror): ShareRow => ({
      who: 'mirror',
      copies: true,
      shares: [{ version: mirror.version, percent: mirror.percent }],
      tail: mirrorNotes(mirror),
    })),
  ]
}

/** Who keeps a version: the rows that follow are about everyone else, those without the cookie. */
const stickyRow = ({ cookie, ttl, versions }: StickySplit): ShareRow => ({
  who: `cookie ${cookie}`,
  ...(versions.length === 0
    ? { says: 'no request reaches its routes', isWarning: true }
    : {
        says: `keeps its version (${versions.join(', ')}) for ${formatSpan(ttl)} after the last request`,
      }),
})

/** Who keeps a pod: the shares are those of addresses that have none. */
const affinityRow = (seconds: number): ShareRow => ({
  who: 'client address',
  says: `keeps its pod for ${formatSpan(seconds)} after the last request (sessionAffinity: ClientIP)`,
})

function cohortRow(cohort: CohortRoute, style: TrafficStyle): ShareRow {
  const row = { who: `cohort ${cohort.name}`, tail: describe(cohort, style) }
  return cohort.reached
    ? { ...row, shares: sharesOfCohort(cohort) }
    : { ...row, says: `${cohort.to} (no request reaches this route)`, isWarning: true }
}

function describe(cohort: CohortRoute, { now, wide }: TrafficStyle): readonly string[] {
  const until = cohort.until === undefined ? [] : [formatUntil(cohort.until, now)]
  const rest = wide
    ? [
        ...(cohort.since === undefined ? [] : [`since ${formatAge(cohort.since, now)}`]),
        ...(cohort.reason === undefined ? [] : [`“${cohort.reason}”`]),
      ]
    : []
  return [formatWho(cohort), ...until, ...rest].filter(text => text !== '')
}
