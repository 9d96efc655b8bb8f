import {
  formatTakes,
  formatWho,
  type CohortRoute,
  type EntryPoint,
  type Share,
  type StickySplit,
  type Traffic,
} from '../../../shared/routing/traffic.ts'
import { formatCohortTo, formatFault } from '../../../shared/routing/shares.ts'
import { escaped } from '../../../shared/objects/text/escaped.ts'
import type { ChangeSummary } from '../../../shared/view/history.ts'
import type { Paint } from '../colour.ts'
import { formatName } from '../objects.ts'
import { formatTable, indent } from '../table.ts'
import { formatAge, formatSpan, formatUntil } from './span.ts'
import { formatRange, sharesByVersion } from './shares.ts'
import { columnsOf } from './version-columns.ts'

export interface TrafficStyle {
  readonly paint: Paint
  readonly wide: boolean
  readonly now: Date
  /** Readiness is known: not on files. */
  readonly live: boolean
}

/** What a rule finds on an object of a service. */
export interface ServiceFinding {
  readonly rule: string
  readonly severity: 'error' | 'warning' | 'info'
  readonly kind: string
  readonly namespace: string
  readonly name: string
  /** Where in the object, as `spec.http[0].route[0]`. */
  readonly path: string
  readonly message: string
}

/** The traffic of a service, and what the rules find about it. */
export interface ServiceStatus extends Omit<Traffic, 'notes'> {
  /** Sentences. */
  readonly notes: readonly string[]
  readonly findings: readonly ServiceFinding[]
  /** The last change that is recorded of the service; left out where none is, or it may not be read. */
  readonly changed?: LastChange
}

/** The last change of a service, as its history has it. */
export type LastChange = Pick<ChangeSummary, 'revision' | 'title' | 'at' | 'by' | 'reason'> & {
  /** False while it is being made, and where it was interrupted. */
  readonly finished: boolean
}

/**
 * Who gets what of each service, for a terminal of 80 columns; `wide` adds the objects, and the age and reason
 * of the cohorts.
 */
export const formatTraffic = (services: readonly ServiceStatus[], style: TrafficStyle): string =>
  services.map(service => formatService(service, style)).join('\n\n')

function formatService(traffic: ServiceStatus, style: TrafficStyle): string {
  const { service, namespace, stable, entryPoints, notes, findings } = traffic
  const { bold, yellow } = style.paint
  const title = `${bold(service)} in namespace ${namespace}${stable === undefined ? '' : `, stable is ${bold(stable)}`}`
  const none =
    traffic.foreign === undefined
      ? 'No route leads to this service: its requests go to all its pods.'
      : 'No VirtualService leads to this service.'
  return [
    title,
    ...(traffic.changed === undefined ? [] : [style.paint.dim(formatChanged(traffic.changed, style.now))]),
    ...(traffic.versions.length > 0 ? ['', indent(formatVersions(traffic, style), '  ')] : []),
    '',
    indent(entryPoints.length === 0 ? none : formatEntryPoints(entryPoints, style), '  '),
    ...(findings.length > 0 ? ['', ...findings.map(finding => formatServiceFinding(finding, style))] : []),
    ...(notes.length > 0 ? ['', ...notes.map(note => `${yellow('note:')} ${note}`)] : []),
  ].join('\n')
}

/** `last change 3d ago by alice: weight v1=90,v2=10 (revision 4)`. */
function formatChanged({ at, by, title, revision, reason, finished }: LastChange, now: Date): string {
  const who = by === undefined ? '' : ` by ${by}`
  const why = reason === undefined ? '' : `, “${reason}”`
  const state = finished ? '' : ', not finished: the next edit takes back what it wrote'
  return escaped(`last change ${formatAge(at, now)} ago${who}: ${title} (revision ${revision})${why}${state}`)
}

function formatServiceFinding(finding: ServiceFinding, { paint }: TrafficStyle): string {
  const { rule, severity, kind, namespace, name, path, message } = finding
  const place = `${kind} ${namespace}/${name}${path === '' ? '' : ` ${path}`}`
  const colour = { error: paint.red, warning: paint.yellow, info: paint.dim }[severity]
  return `${colour(`${severity}:`)} ${place}: ${message} (${rule})`
}

function formatVersions(traffic: ServiceStatus, { live, wide, paint }: TrafficStyle): string {
  const { versions, stable, entryPoints } = traffic
  const cohortsOf = (name: string): string =>
    [
      ...new Set(
        entryPoints.flatMap(({ cohorts, preview, idle }) => [
          ...cohorts.filter(({ to, reached }) => reached && to === name).map(cohort => cohort.name),
          ...(preview === name && idle === undefined ? ['(preview)'] : []),
        ]),
      ),
    ].join(', ')
  const shares = sharesByVersion(traffic)
  const shareOf = (name: string): string => (shares === 'any' ? 'any' : formatRange(shares.get(name)))
  const named = columnsOf(versions, wide)
  const rows = versions.map(version => [
    version.name === stable ? `${version.name} (stable)` : version.name,
    ...(live ? [version.ready === undefined ? '-' : `${version.ready}/${version.wanted}`] : []),
    ...named.map(([, key]) => version[key] ?? '-'),
    shareOf(version.name),
    cohortsOf(version.name) || '-',
  ])
  const unseen = versions.flatMap(({ name, unseenBy }) =>
    unseenBy === undefined ? [] : [paint.dim(`${name} does not exist for callers in ${unseenBy.join(', ')}`)],
  )
  const table = formatTable(
    ['VERSION', ...(live ? ['READY'] : []), ...named.map(([heading]) => heading), 'SHARE', 'COHORTS'],
    rows,
  )
  return [table, ...unseen].join('\n')
}

function formatEntryPoints(entryPoints: readonly EntryPoint[], style: TrafficStyle): string {
  const headings = entryPoints.map(headingOf)
  return entryPoints
    .map((entryPoint, i) => {
      const { ref, owner } = entryPoint
      const { cyan, dim, yellow } = style.paint
      const isAlone = headings.filter(heading => heading === headings[i]).length === 1
      const name = style.wide || !isAlone ? dim(`  ${formatName(ref)} -n ${ref.namespace}`) : ''
      return [
        `${cyan(headings[i]!)}${name}`,
        indent(formatRows(entryPoint, style), '  '),
        ...(owner === undefined ? [] : [`  ${yellow('owned by')} ${owner}, which rewrites it`]),
      ].join('\n')
    })
    .join('\n')
}

const headingOf = ({ hosts, gateways, preview }: EntryPoint): string =>
  [
    hosts.join(', ') || '(delegate)',
    gateways.length === 0 ? '' : ` on ${gateways.join(', ')}`,
    preview === undefined ? '' : ` (preview of ${preview})`,
  ].join('')

function formatRows(entryPoint: EntryPoint, style: TrafficStyle): string {
  const { cohorts, splits, mirrors, sticky, idle } = entryPoint
  const { yellow } = style.paint
  if (idle !== undefined) return yellow(`takes no requests: ${idle.reason} (${idle.rule})`)
  const isRest = sticky !== undefined || cohorts.some(({ reached }) => reached)
  const rest = isRest ? 'everyone else' : 'everyone'
  return alignRows([
    ...cohortRows(entryPoint, style),
    ...(sticky === undefined ? [] : [stickyRow(sticky, style)]),
    ...splits.map(({ takes, shares, reached }) => [
      takes === '' ? rest : `${rest}, ${takes}`,
      '→',
      reached
        ? formatShares(shares, style.paint)
        : yellow('no request reaches this route (unreachable-route)'),
    ]),
    ...mirrors.map(({ version, percent, byHand, takes }) => [
      'mirror',
      '→',
      [
        `${version} ${percent} %`,
        ...(takes === undefined ? [] : [style.paint.dim(formatTakes(takes))]),
        ...(byHand ? [style.paint.dim('written by hand')] : []),
      ].join('  '),
    ]),
  ])
}

/** Who keeps a version: the rows that follow are about everyone else, those without the cookie. */
const stickyRow = ({ cookie, ttl, versions }: StickySplit, { paint }: TrafficStyle): readonly string[] => [
  `cookie ${paint.bold(cookie)}`,
  '→',
  versions.length === 0
    ? paint.yellow('no request reaches its routes')
    : `keeps its version (${versions.join(', ')}) for ${formatSpan(ttl)} after the last request`,
]

/** A cohort has a route before each base route; people see one line for it. */
function cohortRows({ cohorts }: EntryPoint, style: TrafficStyle): readonly (readonly string[])[] {
  const unique = [...new Map(cohorts.map(cohort => [`${cohort.name} ${cohort.to}`, cohort])).values()]
  return unique.map(cohort => [
    `cohort ${style.paint.bold(cohort.name)}`,
    '→',
    [formatCohortTarget(cohort, style.paint), ...describe(cohort, style)].join('  '),
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
  const conditions = formatWho(cohort)
  return [conditions, ...until, ...rest].filter(text => text !== '').map(paint.dim)
}

function formatCohortTarget({ reached, fault, ...cohort }: CohortRoute, { red, yellow }: Paint): string {
  const to = formatCohortTo(cohort)
  if (!reached) return yellow(`${to} (no request reaches this route)`)
  return fault === undefined ? to : red(`${to}${formatFault({ fault })}`)
}

/** `v1 90 %, v2 10 %`, and behind a share whose requests are not answered the rule's id. */
const formatShares = (shares: readonly Share[], { red }: Paint): string =>
  shares
    .map(share => {
      const text = `${share.version} ${share.percent} %${share.percent > 0 ? formatFault(share) : ''}`
      return share.fault === undefined ? text : red(text)
    })
    .join(', ')

/** Rows without a heading, in columns one blank apart. */
function alignRows(rows: readonly (readonly string[])[]): string {
  const [first = [], ...rest] = rows
  return formatTable(first, rest).replaceAll(/ {3}→ {3}/g, ' → ')
}
