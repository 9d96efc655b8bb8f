import { enumerated } from '../../../shared/objects/text/listed.ts'
import type { SeenWorkload, Traffic, Version } from '../../../shared/routing/traffic.ts'
import { formatVersionShare, sharesByVersion } from '../services/shares.ts'
import { formatAge } from '../services/span.ts'
import type { TrafficStyle } from '../services/service-status.ts'
import { columnsOf } from '../services/version-columns.ts'
import { formatTable, plainCell, widthOf } from '../table.ts'
import { elide } from './fit.ts'

/** A column of the table of versions: what it says of a version, and of each of several workloads of one. */
export interface VersionColumn {
  readonly heading: string
  readonly of: (version: Version) => string
  readonly ofWorkload?: (workload: SeenWorkload) => string
}

type VersionsShown = Pick<Traffic, 'versions' | 'stable' | 'entryPoints'>

/** The versions of a service, with what runs each; lines of workloads of their own where the terminal is narrow. */
export function formatVersions(traffic: VersionsShown, style: TrafficStyle): string {
  const own = versionColumns(traffic, style)
  const ran = workloadColumns(traffic.versions, style)
  const whole = tableOf(traffic.versions, [...own, ...ran])
  const room = roomOf(style)
  const table =
    ran.length === 0 || widestOf(whole) <= room ? whole : tableWithLines(traffic.versions, own, style)
  const unseen = traffic.versions.flatMap(({ name, unseenBy }) =>
    unseenBy === undefined
      ? []
      : [
          style.paint.dim(
            plainCell(`${name} does not exist for callers in ${enumerated(unseenBy, unseenBy.length)}`),
          ),
        ],
  )
  return [table, ...unseen].join('\n')
}

/** The table is two columns to the right. */
const roomOf = ({ columns = Infinity }: TrafficStyle): number => columns - 2

const widestOf = (text: string): number => Math.max(...text.split('\n').map(widthOf))

function versionColumns(traffic: VersionsShown, { live, wide }: TrafficStyle): readonly VersionColumn[] {
  const { versions, stable } = traffic
  const shares = sharesByVersion(traffic)
  const cohorts = cohortsOf(traffic)
  return [
    { heading: 'VERSION', of: ({ name }) => (name === stable ? `${name} (stable)` : name) },
    ...(live ? [readyColumn] : []),
    ...columnsOf(versions, wide).map(([heading, key]) => ({
      heading,
      of: (version: Version) => version[key] ?? '-',
    })),
    { heading: 'SHARE', of: ({ name }) => formatVersionShare(shares, name) },
    { heading: 'COHORTS', of: ({ name }) => cohorts(name) || '-' },
  ]
}

const readyColumn: VersionColumn = {
  heading: 'READY',
  of: ({ ready, wanted }) => (ready === undefined ? '-' : `${ready}/${wanted}`),
  ofWorkload: ({ ready = '-', wanted }) => `${ready}/${wanted}`,
}

/** The cohorts that reach a version, and its preview. */
const cohortsOf =
  ({ entryPoints }: VersionsShown) =>
  (name: string): string =>
    [
      ...new Set(
        entryPoints.flatMap(({ cohorts, preview, idle }) => [
          ...cohorts.filter(({ to, reached }) => reached && to === name).map(cohort => cohort.name),
          ...(preview === name && idle === undefined ? ['(preview)'] : []),
        ]),
      ),
    ].join(', ')

function workloadColumns(versions: readonly Version[], { now }: TrafficStyle): readonly VersionColumn[] {
  const all = versions.flatMap(({ workloads = [] }) => workloads)
  const column = (heading: string, ofWorkload: (one: SeenWorkload) => string): VersionColumn => ({
    heading,
    ofWorkload,
    of: ({ workloads = [] }) =>
      workloads.length === 1 ? ofWorkload(workloads[0]!) : heading === 'WORKLOAD' ? countOf(workloads) : '',
  })
  return [
    ...(all.some(({ created }) => created !== undefined)
      ? [column('AGE', ({ created }) => (created === undefined ? '-' : formatAge(created, now)))]
      : []),
    ...(all.length > 0 ? [column('WORKLOAD', ({ kind, name }) => `${kind}/${name}`)] : []),
    ...(all.some(({ images }) => images !== undefined)
      ? [column('IMAGE', ({ images = [] }) => images.join(', ') || '-')]
      : []),
  ]
}

const countOf = (workloads: readonly SeenWorkload[]): string =>
  workloads.length === 0 ? '-' : `${workloads.length} workloads`

/** A row for each version, and below it one for each of its workloads where there are several. */
const tableOf = (versions: readonly Version[], columns: readonly VersionColumn[]): string =>
  formatTable(
    columns.map(({ heading }) => heading),
    versions.flatMap(version => [
      columns.map(({ of }) => of(version)),
      ...severalOf(version).map(workload => columns.map(({ ofWorkload }) => ofWorkload?.(workload) ?? '')),
    ]),
  )

const severalOf = ({ workloads = [] }: Version): readonly SeenWorkload[] =>
  workloads.length > 1 ? workloads : []

/** The table without what runs the versions, which has lines of its own below each. */
function tableWithLines(
  versions: readonly Version[],
  columns: readonly VersionColumn[],
  style: TrafficStyle,
): string {
  const [heading = '', ...rows] = formatTable(
    columns.map(column => column.heading),
    versions.map(version => columns.map(({ of }) => of(version))),
  ).split('\n')
  return [
    heading,
    ...versions.flatMap((version, i) => [
      rows[i]!,
      ...(version.workloads ?? []).map(workload =>
        workloadLine(workload, { style, isOne: version.workloads!.length === 1 }),
      ),
    ]),
  ].join('\n')
}

interface LineStyle {
  readonly style: TrafficStyle
  readonly isOne: boolean
}

/** `Deployment/catalog-v2  3d  …/catalog:2.0.0`, as much of it as fits. */
function workloadLine(
  { kind, name, ready, wanted, created, images = [] }: SeenWorkload,
  { style, isOne }: LineStyle,
): string {
  const { paint, now, live, ascii } = style
  const room = roomOf(style) - 2
  const facts = [
    ...(live && !isOne ? [`${ready}/${wanted}`] : []),
    ...(created === undefined ? [] : [formatAge(created, now)]),
  ].join('  ')
  const rest = facts === '' ? 0 : facts.length + 2
  const image = images.join(', ')
  const most =
    image === '' ? room - rest : Math.max(Math.floor((room - rest) / 2), room - rest - 2 - image.length)
  const workload = elide(`${kind}/${name}`, most, { cut: 'middle', ascii })
  const left = room - rest - widthOf(workload) - 2
  return `  ${paint.dim(
    plainCell(
      [workload, facts, ...(image === '' ? [] : [elide(image, left, { cut: 'start', ascii })])]
        .filter(text => text !== '')
        .join('  '),
    ),
  )}`
}
