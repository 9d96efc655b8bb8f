import {
  anyOf,
  type CohortRoute,
  type EntryPoint,
  type Share,
  type Traffic,
} from '../../shared/routing/traffic.ts'
import { formatCondition } from '../../shared/routing/condition.ts'
import type { Paint } from './colour.ts'
import { formatName } from './objects.ts'
import { formatTable, indent } from './table.ts'

export interface TrafficStyle {
  readonly paint: Paint
  readonly wide: boolean
  readonly now: Date
  /** Files know no readiness. */
  readonly live: boolean
}

/** Who gets what of each service, for a terminal of 80 columns; `wide` adds the objects and all that is noted about the cohorts. */
export const formatTraffic = (services: readonly Traffic[], style: TrafficStyle): string =>
  services.map(service => formatService(service, style)).join('\n\n')

function formatService(traffic: Traffic, style: TrafficStyle): string {
  const { service, namespace, stable, entryPoints, notes } = traffic
  const { bold, yellow } = style.paint
  const title = `${bold(service)} in namespace ${namespace}${stable === undefined ? '' : `, stable is ${bold(stable)}`}`
  const none = 'No route leads to it: requests are spread over all its pods.'
  return [
    title,
    ...(traffic.versions.length > 0 ? ['', indent(formatVersions(traffic, style), '  ')] : []),
    '',
    indent(entryPoints.length === 0 ? none : formatEntryPoints(entryPoints, style), '  '),
    ...(notes.length > 0 ? ['', ...notes.map(note => `${yellow('note:')} ${note}`)] : []),
  ].join('\n')
}

function formatVersions({ versions, stable, entryPoints }: Traffic, { live, wide }: TrafficStyle): string {
  const cohortsOf = (name: string): string =>
    [
      ...new Set(
        entryPoints.flatMap(({ cohorts }) =>
          cohorts.filter(({ to }) => to === name).map(cohort => cohort.name),
        ),
      ),
    ].join(', ')
  const shares = entryPoints.flatMap(({ splits }) => splits.map(split => split.shares))
  const isOpen = shares.some(some => percentOf(some, anyOf(versions)) > 0)
  // A controller's route, or one by hand, may lead to other Services altogether.
  const isElsewhere = shares.flat().every(share => versions.every(({ name }) => name !== share.version))
  const rows = versions.map(({ name, subset, ready, wanted }) => [
    name === stable ? `${name} (stable)` : name,
    ...(live ? [ready === undefined ? '-' : `${ready}/${wanted}`] : []),
    ...(wide ? [subset ?? '-'] : []),
    isOpen ? 'any' : isElsewhere ? '-' : rangeOf(shares.map(some => percentOf(some, name))),
    cohortsOf(name) || '-',
  ])
  return formatTable(
    ['VERSION', ...(live ? ['READY'] : []), ...(wide ? ['SUBSET'] : []), 'SHARE', 'COHORTS'],
    rows,
  )
}

const percentOf = (shares: readonly Share[], version: string): number =>
  shares.filter(share => share.version === version).reduce((sum, { percent }) => sum + percent, 0)

/** One number where all entry points agree, else from the least to the most. */
function rangeOf(percents: readonly number[]): string {
  if (percents.length === 0) return '-'
  const least = Math.min(...percents)
  const most = Math.max(...percents)
  return least === most ? `${most} %` : `${least}–${most} %`
}

function formatEntryPoints(entryPoints: readonly EntryPoint[], style: TrafficStyle): string {
  return entryPoints
    .map(entryPoint => {
      const { ref, hosts, gateways, owner, mirrors } = entryPoint
      const { cyan, dim, yellow } = style.paint
      const heading = `${cyan(hosts.join(', ') || '(delegate)')}${gateways.length === 0 ? '' : ` on ${gateways.join(', ')}`}${style.wide ? dim(`  ${formatName(ref)} -n ${ref.namespace}`) : ''}`
      const rest = entryPoint.cohorts.length > 0 ? 'everyone else' : 'everyone'
      const rows = [
        ...cohortRows(entryPoint, style),
        ...entryPoint.splits.map(({ takes, shares }) => [
          takes === '' ? rest : `${rest}, ${takes}`,
          '→',
          formatShares(shares),
        ]),
        ...mirrors.map(({ version, percent }) => ['a copy', '→', formatShares([{ version, percent }])]),
      ]
      return [
        heading,
        indent(alignRows(rows), '  '),
        ...(owner === undefined ? [] : [`  ${yellow('owned by')} ${owner}, which rewrites it`]),
      ].join('\n')
    })
    .join('\n')
}

/** A cohort's route stands before each base route; people see one line for it. */
function cohortRows({ cohorts }: EntryPoint, style: TrafficStyle): readonly (readonly string[])[] {
  const unique = [...new Map(cohorts.map(cohort => [`${cohort.name} ${cohort.to}`, cohort])).values()]
  return unique.map(cohort => [
    `cohort ${style.paint.bold(cohort.name)}`,
    '→',
    [cohort.to, ...describe(cohort, style)].join('  '),
  ])
}

function describe(cohort: CohortRoute, { paint, now, wide }: TrafficStyle): readonly string[] {
  const until = cohort.until === undefined ? [] : [formatUntil(cohort.until, now)]
  const rest = wide
    ? [
        ...(cohort.since === undefined ? [] : [`since ${formatAge(cohort.since, now)}`]),
        ...(cohort.reason === undefined ? [] : [`“${cohort.reason}”`]),
      ]
    : []
  const conditions = cohort.conditions.map(formatCondition).join(' and ')
  return [conditions, ...until, ...rest].filter(text => text !== '').map(paint.dim)
}

export const formatShares = (shares: readonly Share[]): string =>
  shares.map(({ version, percent }) => `${version} ${percent} %`).join(', ')

/** Rows without a heading, in columns one blank apart. */
function alignRows(rows: readonly (readonly string[])[]): string {
  const [first = [], ...rest] = rows
  return formatTable(first, rest).replaceAll(/ {3}→ {3}/g, ' → ')
}

/** How long ago, in kubectl's short form: `45s`, `12m`, `5h`, `3d`. */
export function formatAge(since: string, now: Date): string {
  const seconds = (now.getTime() - Date.parse(since)) / 1000
  return Number.isNaN(seconds) ? since : formatSeconds(Math.max(0, seconds), Math.floor)
}

/** When it ends: `for 2d more`, or that it should have. */
export function formatUntil(until: string, now: Date): string {
  const left = (Date.parse(until) - now.getTime()) / 1000
  if (Number.isNaN(left)) return `until ${until}`
  return left > 0 ? `for ${formatSeconds(left, Math.round)} more` : `ended ${formatAge(until, now)} ago`
}

function formatSeconds(seconds: number, whole: (count: number) => number): string {
  const [unit, size] = units.find(([, length]) => whole(seconds / length) >= 2) ?? ['s', 1]
  return `${whole(seconds / size)}${unit}`
}

const units = [
  ['d', 86_400],
  ['h', 3600],
  ['m', 60],
] as const
