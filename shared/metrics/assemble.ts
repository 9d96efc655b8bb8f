import type { ServiceReading } from '../routing/provider.ts'
import { addedUp, attributed, type OwnedFigures, type ServiceSeries } from './attribute.ts'
import { digits, type Reporter } from './figures.ts'
import type { PrometheusSeries } from './prometheus/prometheus-api.ts'
import type { QueryRange } from './prometheus/prometheus-client.ts'
import { hostsOf } from './queries.ts'
import type { FiguresNote, OtherFigures, ServiceFigures, VersionFigures } from './service-figures.ts'
import { trendOf } from './trend.ts'
import { identitiesOf, type VersionIdentity } from './version-of-series.ts'

/** What a service is read by. */
export type MeasuredService = Pick<ServiceReading, 'service' | 'versions'>

/** What the server gave for one service. */
export interface Measured extends ServiceSeries {
  /** In seconds. */
  readonly window: number
  readonly trend?: { readonly series: readonly PrometheusSeries[]; readonly range: QueryRange }
}

/** The figures of a service from the series that were read for it. */
export function assembled(
  reading: MeasuredService,
  measured: Measured,
): Pick<ServiceFigures, 'reporter' | 'versions' | 'noPod' | 'other' | 'notes'> {
  const identities = identitiesOf(reading)
  const all = attributed(identities, measured, measured.window)
  const reporter = deciding(all)
  const own = all.filter(one => one.reporter === reporter)
  const total = own.reduce((sum, { figures }) => sum + figures.rps, 0)
  const shareOf = (rps: number) => (total > 0 ? { share: digits((100 * rps) / total) } : {})
  const versions = identities.map(({ name }) => versionFigures(name, { all, reporter, shareOf }))
  const noPod = rest(
    own.filter(({ why }) => why === 'none'),
    shareOf,
  )
  const other = rest(
    own.filter(({ why }) => why === 'other' || why === 'ambiguous'),
    shareOf,
  )
  return {
    ...(reporter === undefined ? {} : { reporter }),
    versions: versions.map(version => withTrend(version, identities, measured.trend)),
    ...(noPod === undefined ? {} : { noPod }),
    ...(other === undefined ? {} : { other }),
    notes: notesOf(reading, all, versions),
  }
}

type ShareOf = (rps: number) => { readonly share?: number }

/**
 * Who decides on versions: the callers' proxies, or a waypoint, whichever decided more; where neither reports, the pods
 * do, which also count copies of requests.
 */
function deciding(all: readonly OwnedFigures[]): Reporter | undefined {
  const totals = (['source', 'waypoint'] as const).map(reporter => {
    const own = all.filter(one => one.reporter === reporter)
    const known = own.filter(({ version }) => version !== undefined)
    const rate = (some: readonly OwnedFigures[]): number =>
      some.reduce((sum, { figures }) => sum + figures.rps, 0)
    return { reporter, isThere: own.length > 0, known: rate(known), rps: rate(own) }
  })
  const [first] = totals
    .filter(({ isThere }) => isThere)
    .toSorted((one, other) => other.known - one.known || other.rps - one.rps)
  const hasPods = all.some(({ reporter }) => reporter === 'destination')
  return first?.reporter ?? (hasPods ? 'destination' : undefined)
}

/** A version's figures are those of who decides; where these have none of it, those of its own pods. */
function versionFigures(
  version: string,
  {
    all,
    reporter,
    shareOf,
  }: {
    readonly all: readonly OwnedFigures[]
    readonly reporter: Reporter | undefined
    readonly shareOf: ShareOf
  },
): VersionFigures {
  const seen = all.filter(one => one.version === version)
  const seenBy = Object.fromEntries(seen.map(one => [one.reporter, one.figures]))
  const main = seen.find(one => one.reporter === reporter)
  const shown = main ?? seen.find(one => one.reporter === 'destination') ?? seen[0]
  return {
    version,
    ...(shown === undefined ? {} : { reporter: shown.reporter, ...shown.figures }),
    ...(main === undefined ? {} : shareOf(main.figures.rps)),
    seenBy,
  }
}

function rest(owned: readonly OwnedFigures[], shareOf: ShareOf): OtherFigures | undefined {
  const figures = addedUp(owned.map(one => one.figures))
  if (figures.rps === 0) return undefined
  const workloads = [...new Set(owned.flatMap(one => one.workloads))].toSorted()
  return { ...figures, ...shareOf(figures.rps), ...(workloads.length === 0 ? {} : { workloads }) }
}

const withTrend = (
  version: VersionFigures,
  identities: readonly VersionIdentity[],
  trend: Measured['trend'],
): VersionFigures =>
  trend === undefined || version.reporter === undefined
    ? version
    : {
        ...version,
        trend: trendOf(identities, trend.series, {
          version: version.version,
          reporter: version.reporter,
          range: trend.range,
        }),
      }

function notesOf(
  reading: MeasuredService,
  all: readonly OwnedFigures[],
  versions: readonly VersionFigures[],
): readonly FiguresNote[] {
  if (all.length === 0) return [{ kind: 'no-requests', hosts: hostsOf(reading.service) }]
  const none = versions.filter(({ reporter }) => reporter === undefined).map(({ version }) => version)
  if (all.some(({ why }) => why === 'ambiguous') && none.length > 1)
    return [{ kind: 'indistinguishable', versions: none }]
  const deciders = versions.some(({ reporter }) => reporter !== undefined && reporter !== 'destination')
  const podsOnly = deciders
    ? versions.filter(({ reporter }) => reporter === 'destination').map(({ version }) => version)
    : []
  return [
    ...(none.length > 0 ? [{ kind: 'no-requests-to', versions: none } as const] : []),
    ...(podsOnly.length > 0 ? [{ kind: 'pods-only', versions: podsOnly } as const] : []),
  ]
}
