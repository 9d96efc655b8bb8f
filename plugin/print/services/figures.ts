import { escaped } from '../../../shared/objects/text/escaped.ts'
import { roundPercent } from '../../../shared/routing/shares.ts'
import type { FailureRate, Figures, Reporter } from '../../../shared/metrics/figures.ts'
import type {
  FiguresNote,
  OtherFigures,
  ServiceFigures,
  VersionFigures,
} from '../../../shared/metrics/service-figures.ts'
import { trendPoints } from '../../../shared/metrics/trend.ts'
import type { Paint } from '../colour.ts'
import { formatTable } from '../table.ts'
import { formatShare } from './shares.ts'
import { formatSparkline } from './sparkline.ts'

export interface FiguresStyle {
  readonly paint: Paint
  readonly wide: boolean
  /** The configured share of a version, as the table above has it. */
  readonly configured: (version: string) => string
}

/**
 * The live figures of a service: a table with a row for each version, what failed, and why there is no data where that is
 * known. `-` is no data, which is not 0.
 */
export function formatFigures(figures: ServiceFigures, style: FiguresStyle): string {
  const { versions, noPod, other } = figures
  const rows = [
    ...versions.map(version => versionRow(version, style)),
    ...(noPod === undefined ? [] : [restRow('(no pod)', noPod, style)]),
    ...(other === undefined ? [] : [restRow('(other pods)', other, style)]),
  ]
  const { dim, red, yellow } = style.paint
  return [
    formatTable(headingOf(style), rows),
    dim(captionOf(figures)),
    ...failureLines(figures).map(line => red(line)),
    ...versions.flatMap(failuresBeforePods).map(line => yellow(line)),
    ...(other?.workloads === undefined ? [] : [dim(`other pods: ${escaped(other.workloads.join(', '))}`)]),
    ...figures.notes.map(note => dim(escaped(noteText(note, figures)))),
  ].join('\n')
}

const headingOf = ({ wide }: FiguresStyle): readonly string[] => [
  'VERSION',
  'SHARE',
  'OBSERVED',
  'RPS',
  'SUCCESS',
  'P50',
  'P95',
  'P99',
  ...(wide ? ['PODS RPS', 'PODS SUCCESS', `RPS, LAST ${trendPoints}M`] : []),
]

function versionRow(version: VersionFigures, { wide, configured }: FiguresStyle): readonly string[] {
  const { share, rps, success, p50, p95, p99, seenBy, trend = [] } = version
  const pods = seenBy.destination
  return [
    version.version,
    configured(version.version),
    percentOf(share),
    rateOf(rps),
    successOf(success),
    ...[p50, p95, p99].map(durationOf),
    ...(wide ? [rateOf(pods?.rps), successOf(pods?.success), formatSparkline(trend) || '-'] : []),
  ]
}

const restRow = (name: string, rest: OtherFigures, { wide }: FiguresStyle): readonly string[] => [
  name,
  '-',
  percentOf(rest.share),
  rateOf(rest.rps),
  successOf(rest.success),
  '-',
  '-',
  '-',
  ...(wide ? ['-', '-', '-'] : []),
]

/** `last 60 s as callers see it, from Service istio-system/prometheus`. */
function captionOf({ source, window, reporter, scrapeInterval }: ServiceFigures): string {
  const seen = reporter === undefined ? '' : `, as ${who[reporter]} see it`
  const assumed =
    scrapeInterval.from === 'assumed' ? `; scraped every ${scrapeInterval.seconds} s, assumed` : ''
  return escaped(`last ${window} s${seen}, from ${source}${assumed}`)
}

const who: Readonly<Record<Reporter, string>> = {
  source: 'callers',
  destination: 'the pods',
  waypoint: 'waypoints',
}

function failureLines({ versions, noPod }: ServiceFigures): readonly string[] {
  return [
    ...versions.map(({ version, failures = [] }) => [version, failures] as const),
    ...(noPod === undefined ? [] : [['no pod reached', noPod.failures] as const]),
  ]
    .filter(([, failures]) => failures.length > 0)
    .map(([name, failures]) => {
      const shown = failures.slice(0, 3).map(failureOf)
      const more = failures.length > 3 ? [`${failures.length - 3} more`] : []
      return escaped(`${name}: ${[...shown, ...more].join(', ')}`)
    })
}

/** `503 UH 0.5/s`, `gRPC UNAVAILABLE 0.2/s`. */
const failureOf = ({ code, grpc, flags, rps }: FailureRate): string =>
  [
    ...(grpc === undefined ? [code] : [...(code === '200' ? [] : [code]), `gRPC ${grpc}`]),
    ...(flags === undefined ? [] : [flags]),
    `${rateOf(rps)}/s`,
  ].join(' ')

/** A version whose callers see more failures than its pods report: some requests do not reach the pods. */
function failuresBeforePods({ version, reporter, success, seenBy }: VersionFigures): readonly string[] {
  const pods: Figures | undefined = seenBy.destination
  if (reporter === undefined || reporter === 'destination') return []
  if (success === undefined || pods?.success === undefined || pods.success - success < 0.1) return []
  return [
    escaped(
      `${version}: its pods report ${successOf(pods.success)} success: some failures do not come from them`,
    ),
  ]
}

function noteText(note: FiguresNote, { source, window }: ServiceFigures): string {
  switch (note.kind) {
    case 'no-istio-metrics':
      return `no data: ${source} has no istio_requests_total; check that it scrapes the proxies`
    case 'no-requests':
      return `no data: no request to ${note.hosts.join(', ')} was recorded in the last ${window} s`
    case 'no-requests-to':
      return `no data for ${note.versions.join(', ')}: no request was recorded in the last ${window} s`
    case 'indistinguishable':
      return `no data for ${note.versions.join(', ')}: their metrics have the same version, revision and workload`
    case 'pods-only':
      return `${note.versions.join(', ')}: as the pods see it, copies of requests included; callers report none`
    case 'warning':
      return `warning from ${source}: ${note.text}`
    case 'failed':
      return `some figures are missing: ${note.text}`
  }
}

const percentOf = (share: number | undefined): string =>
  share === undefined ? '-' : share > 0 && share < 0.05 ? '<0.1 %' : formatShare(roundPercent(share))

/** Requests per second with two or three digits that count. */
export function rateOf(rps: number | undefined): string {
  if (rps === undefined) return '-'
  if (rps > 0 && rps < 0.005) return '<0.01'
  return trimmed(rps.toFixed(rps >= 99.95 ? 0 : rps >= 9.995 ? 1 : 2))
}

/** A share of successes; never 100 % where something failed, and never 0 % where something did not. */
export function successOf(success: number | undefined): string {
  if (success === undefined) return '-'
  if (success > 0 && success < 0.01) return '<0.01 %'
  // What a sum of rates leaves in the last digits is no failure.
  const shown = success > 100 - 1e-7 ? 100 : Math.floor(success * 100 + 1e-7) / 100
  return `${trimmed(shown.toFixed(2))} %`
}

/** A duration in milliseconds: `8.5ms`, `120ms`, `1.25s`. */
export function durationOf(milliseconds: number | undefined): string {
  if (milliseconds === undefined) return '-'
  if (milliseconds >= 999.5) return `${trimmed((milliseconds / 1000).toFixed(2))}s`
  return `${trimmed(milliseconds.toFixed(milliseconds >= 9.95 ? 0 : 1))}ms`
}

const trimmed = (digits: string): string => (digits.includes('.') ? digits.replace(/\.?0+$/, '') : digits)
