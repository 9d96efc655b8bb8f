import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { Kind } from '../../shared/objects/kinds.ts'

const prefix = 'canary_guard_'

const errorReasons = [
  'malformed',
  'too-large',
  'timeout',
  'api-read',
  'not-synced',
  'rights-lost',
  'internal',
  'certificate',
  'tls-handshake',
  'overload',
  'connections',
  'audit',
  'log',
]

/**
 * All metrics; docs/webhook.md lists them. Labels have few values: never the name of an object, a user or a
 * namespace.
 */
export function createMetrics(): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const make = makersFor(registry)
  return {
    registry,
    errors: errorCounter(make),
    ...reviewMetrics(make),
    ...configMetrics(make),
    watch: watchMetrics(make),
    ...auditMetrics(make),
    unsettled: make.counter(
      'unsettled_total',
      'Routes still broken some time after a release of a deploy tool.',
      [],
    ),
  }
}

type Makers = ReturnType<typeof makersFor>

function makersFor(registry: Registry) {
  const about = (name: string, help: string): { name: string; help: string; registers: Registry[] } => ({
    name: prefix + name,
    help,
    registers: [registry],
  })
  return {
    about,
    counter: <L extends string>(name: string, help: string, labelNames: readonly L[]): Counter<L> =>
      new Counter({ ...about(name, help), labelNames }),
    gauge: <L extends string>(name: string, help: string, labelNames: readonly L[] = []): Gauge<L> =>
      new Gauge({ ...about(name, help), labelNames }),
  }
}

function errorCounter({ counter }: Makers): Metrics['errors'] {
  const errors = counter('errors_total', 'Reviews that failed, and other errors of the guard.', ['reason'])
  // A series that begins with 1 has not increased for Prometheus: an alert would miss the first error of a reason.
  for (const reason of errorReasons) errors.inc({ reason }, 0)
  return errors
}

const reviewMetrics = ({
  about,
  counter,
}: Makers): Pick<Metrics, 'requests' | 'duration' | 'findings' | 'apiReads'> => ({
  requests: counter('requests_total', 'Reviews answered.', ['operation', 'kind', 'verdict', 'dry_run']),
  duration: new Histogram({
    ...about('request_duration_seconds', 'Time from the body to the answer of a review.'),
    labelNames: ['verdict'],
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
  }),
  findings: counter('findings_total', 'Findings in reviews, by effect: deny, warn or exempt.', [
    'rule',
    'effect',
  ]),
  apiReads: counter('api_reads_total', 'Reads from the API server before a denial.', ['kind', 'outcome']),
})

const configMetrics = ({
  counter,
  gauge,
}: Makers): Pick<Metrics, 'configLoads' | 'configValid' | 'certificateExpiry'> => ({
  configLoads: counter('config_loads_total', 'Configurations loaded and rejected.', ['result']),
  configValid: gauge(
    'config_valid',
    '1 while the configuration file is valid, 0 while it is not and the previous one is in use.',
  ),
  certificateExpiry: gauge(
    'certificate_expiry_timestamp_seconds',
    'When the serving certificate expires, as Unix time.',
  ),
})

const watchMetrics = ({ counter, gauge }: Makers): Metrics['watch'] => ({
  restarts: counter('watch_restarts_total', 'Watches that broke and were started again.', ['kind']),
  relists: counter('watch_relists_total', 'Full lists after the first.', ['kind']),
  drift: counter(
    'watch_drift_total',
    'Objects that a comparison with the API server found to differ from the cache.',
    ['kind'],
  ),
  lastEvent: gauge(
    'watch_last_event_timestamp_seconds',
    'When the last event or bookmark came, as Unix time.',
    ['kind'],
  ),
  objects: gauge('cache_objects', 'Objects in the cache.', ['kind']),
  refused: gauge('watch_refused', '1 while the API server refuses to list or watch the kind (401, 403).', [
    'kind',
  ]),
})

const auditMetrics = ({
  gauge,
}: Makers): Pick<Metrics, 'auditFindings' | 'auditExempted' | 'auditDuration' | 'auditLast'> => ({
  auditFindings: gauge('audit_findings', 'Findings in the cluster, as of the last audit.', [
    'rule',
    'severity',
  ]),
  auditExempted: gauge(
    'audit_exempted_findings',
    'Findings in the cluster that an exemption excuses, as of the last audit.',
    ['rule', 'severity'],
  ),
  auditDuration: gauge('audit_duration_seconds', 'Duration of the last audit.'),
  auditLast: gauge('audit_last_timestamp_seconds', 'When the last audit ended, as Unix time.'),
})

/** The metrics, grouped by topic. */
export interface Metrics {
  readonly registry: Registry
  readonly requests: Counter<'operation' | 'kind' | 'verdict' | 'dry_run'>
  readonly duration: Histogram<'verdict'>
  readonly findings: Counter<'rule' | 'effect'>
  readonly errors: Counter<'reason'>
  readonly apiReads: Counter<'kind' | 'outcome'>
  readonly configLoads: Counter<'result'>
  readonly watch: Readonly<
    Record<'restarts' | 'relists' | 'drift', Counter<'kind'>>
      & Record<'lastEvent' | 'objects' | 'refused', Gauge<'kind'>>
  >
  readonly configValid: Gauge
  readonly certificateExpiry: Gauge
  readonly unsettled: Counter
  readonly auditFindings: Gauge<'rule' | 'severity'>
  readonly auditExempted: Gauge<'rule' | 'severity'>
  readonly auditDuration: Gauge
  readonly auditLast: Gauge
}

/** The counters of the watch of one kind. */
export interface WatchCounters {
  readonly objects: number
  readonly restarts: number
  readonly relists: number
  readonly drift: number
  readonly lastEvent: number | undefined
  readonly refusedSince: number | undefined
}

/** Takes over the figures of the watches; called when Prometheus asks. */
export function setWatchMetrics(
  { watch }: Metrics,
  stats: Readonly<Partial<Record<Kind, WatchCounters>>>,
): void {
  // The watches keep the totals themselves.
  for (const count of [watch.restarts, watch.relists, watch.drift]) count.reset()
  for (const [kind, { objects, restarts, relists, drift, lastEvent, refusedSince }] of Object.entries(
    stats,
  )) {
    watch.objects.set({ kind }, objects)
    watch.refused.set({ kind }, refusedSince === undefined ? 0 : 1)
    watch.restarts.inc({ kind }, restarts)
    watch.relists.inc({ kind }, relists)
    watch.drift.inc({ kind }, drift)
    if (lastEvent !== undefined) watch.lastEvent.set({ kind }, lastEvent / 1000)
  }
}
