/**
 * Istio's metrics of made-up requests, with known figures, as an exporter that Prometheus scrapes. A scrape is answered with a whole
 * past of some minutes, each point with its own timestamp: so one scrape gives a history.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Requests of one kind at a constant rate. */
export interface Flow {
  readonly labels: Readonly<Record<string, string>>
  /** Requests per second; may change with the seconds before now (negative in the past). */
  readonly rps: number | ((age: number) => number)
  /** How many of a thousand take at most so many milliseconds; all take 10 to 25 ms when left out. */
  readonly durations?: Readonly<Record<number, number>>
  /** Its series begin so many seconds before now, with so many requests and no more; they are as old as all else when left out. */
  readonly begun?: { readonly age: number; readonly count: number }
  /** Whether a scrape, so many seconds before now, found nothing of it. */
  readonly missed?: (age: number) => boolean
}

/** The bounds of Istio's histogram in milliseconds (Envoy's default buckets). */
const bounds = [
  0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000, 300_000, 600_000, 1_800_000,
  3_600_000,
]

/** Seconds between two points, as Istio's addon scrapes. */
export const scrapedEvery = 15
const past = 17 * 60

/** Labels as the proxy of a caller (`source`), of a pod (`destination`) or a waypoint writes them. */
export const labelsOf = (
  reporter: 'source' | 'destination' | 'waypoint',
  more: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> => ({
  reporter,
  source_workload: 'webapp',
  source_workload_namespace: 'shop',
  destination_service: 'catalog.shop.svc.cluster.local',
  destination_service_name: 'catalog',
  destination_service_namespace: 'shop',
  destination_workload_namespace: 'shop',
  request_protocol: 'http',
  response_code: '200',
  response_flags: '-',
  grpc_response_status: '',
  ...more,
})

/** A version of catalog as its pods are labelled. */
export const toVersion = (version: string): Readonly<Record<string, string>> => ({
  destination_version: version,
  destination_canonical_revision: version,
  destination_workload: `catalog-${version}`,
})

/** What a caller's proxy knows of a pod that it did not find. */
export const noPod: Readonly<Record<string, string>> = {
  destination_version: 'unknown',
  destination_canonical_revision: 'latest',
  destination_workload: 'unknown',
  destination_workload_namespace: 'unknown',
  destination_service_namespace: 'unknown',
}

/** An exporter on the loopback. */
export interface Exporter extends AsyncDisposable {
  readonly target: string
  readonly flows: number
  /** How many points its past has. */
  readonly points: number
  /** From now on only the latest points are served. */
  endPast(): void
}

/** Starts one. */
export async function startExporter(flows: readonly Flow[]): Promise<Exporter> {
  const point = (time: number): number => Math.floor(time / 1000 / scrapedEvery) * scrapedEvery
  const first = point(Date.now()) - past
  let isPast = true
  const server = createServer((_, response) => {
    const now = point(Date.now())
    // The next point is served ahead of its time, so that none is missing when a query comes just after it.
    const times = Array.from({ length: (now - first) / scrapedEvery + 2 }, (_, i) => first + i * scrapedEvery)
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' })
    response.end(textAt(flows, { times: isPast ? times : times.slice(-2), first, now }))
  })
  await new Promise<void>(ready => {
    server.listen(0, '127.0.0.1', ready)
  })
  return {
    target: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    flows: flows.filter(({ begun, missed }) => begun === undefined && missed === undefined).length,
    points: past / scrapedEvery + 1,
    endPast: () => {
      isPast = false
    },
    [Symbol.asyncDispose]: () =>
      new Promise<void>(ended => {
        server.close(() => ended())
        server.closeAllConnections()
      }),
  }
}

interface Span {
  readonly times: readonly number[]
  readonly first: number
  readonly now: number
}

/** Each series with all of its points: a series may have several in one scrape, if each has a timestamp. */
function textAt(flows: readonly Flow[], { times, first, now }: Span): string {
  const counts = flows.map(flow => ({ flow, counts: times.map(at => countOf(flow, { at, first, now })) }))
  const lines = (series: string, values: readonly number[], flow: Flow): readonly string[] =>
    values.flatMap((value, i) =>
      isScraped(flow, now - times[i]!) ? [`${series} ${value} ${times[i]! * 1000}`] : [],
    )
  const requests = counts.flatMap(({ flow, counts }) =>
    lines(`istio_requests_total${written(flow.labels)}`, counts, flow),
  )
  const buckets = counts.flatMap(({ flow, counts }) =>
    [...bounds, Infinity].flatMap(bound => {
      const le = bound === Infinity ? '+Inf' : String(bound)
      return lines(
        `istio_request_duration_milliseconds_bucket${written({ ...flow.labels, le })}`,
        counts.map(count => (count * within(flow, bound)) / 1000),
        flow,
      )
    }),
  )
  return [
    '# TYPE istio_requests_total counter',
    ...requests,
    '# TYPE istio_request_duration_milliseconds histogram',
    ...buckets,
    '',
  ].join('\n')
}

const isScraped = ({ begun, missed }: Flow, age: number): boolean =>
  (begun === undefined || age <= begun.age) && missed?.(age) !== true

/** Requests since the first point, as a counter that each proxy started with 1000. */
function countOf(
  { rps, begun }: Flow,
  { at, first, now }: { readonly at: number; readonly first: number; readonly now: number },
): number {
  if (begun !== undefined) return begun.count
  if (typeof rps === 'number') return 1000 + rps * (at - first)
  let count = 1000
  for (let time = first; time < at; time += scrapedEvery) count += rps(time - now) * scrapedEvery
  return count
}

const within = ({ durations = { 10: 0, 25: 1000 } }: Flow, bound: number): number =>
  bound === Infinity
    ? 1000
    : Math.max(0, ...Object.entries(durations).flatMap(([le, some]) => (Number(le) <= bound ? [some] : [])))

const written = (labels: Readonly<Record<string, string>>): string =>
  `{${Object.entries(labels)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(',')}}`
