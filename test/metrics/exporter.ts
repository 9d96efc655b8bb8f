/**
 * Istio's metrics of made-up requests, with known figures, as an exporter that Prometheus scrapes. Each scrape is answered with the
 * next point of a past of some minutes, with its own timestamp, until the past has caught up with now: so a few seconds of
 * scraping give a history.
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
}

/** The bounds of Istio's histogram in milliseconds (Envoy's default buckets). */
const bounds = [
  0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000, 300_000, 600_000, 1_800_000,
  3_600_000,
]

/** Seconds between two points, as Istio's addon scrapes. */
export const scrapedEvery = 15
const past = 17 * 60

/** On a busy machine a scrape may be given up; what the figures rest on is served several times, at its own time. */
const timesServed = (age: number): number => (age < 150 ? 4 : 1)

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

/** An exporter on the loopback; `caughtUp` when its whole past was scraped. */
export async function startExporter(
  flows: readonly Flow[],
): Promise<{ readonly target: string; readonly caughtUp: Promise<void> } & AsyncDisposable> {
  const point = (time: number): number => Math.floor(time / 1000 / scrapedEvery) * scrapedEvery
  const first = point(Date.now()) - past
  let next = first
  let served = 0
  const { promise: caughtUp, resolve } = Promise.withResolvers<void>()
  const server = createServer((_, response) => {
    const latest = point(Date.now())
    const at = Math.min(next, latest)
    if (next > latest) resolve()
    response.once('close', () => {
      if (!response.writableFinished || at < next || ++served < timesServed(latest - at)) return
      next = at + scrapedEvery
      served = 0
    })
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' })
    response.end(textAt(flows, { at, first, now: latest }))
  })
  await new Promise<void>(ready => {
    server.listen(0, '127.0.0.1', ready)
  })
  return {
    target: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    caughtUp,
    [Symbol.asyncDispose]: () =>
      new Promise<void>(ended => {
        server.close(() => ended())
        server.closeAllConnections()
      }),
  }
}

interface Moment {
  readonly at: number
  readonly first: number
  readonly now: number
}

function textAt(flows: readonly Flow[], moment: Moment): string {
  const stamp = `${moment.at * 1000}`
  const counts = flows.map(flow => ({ flow, count: countOf(flow, moment) }))
  const requests = counts.map(
    ({ flow, count }) => `istio_requests_total${written(flow.labels)} ${count} ${stamp}`,
  )
  const buckets = counts.flatMap(({ flow, count }) =>
    [...bounds, Infinity].map(bound => {
      const le = bound === Infinity ? '+Inf' : String(bound)
      return `istio_request_duration_milliseconds_bucket${written({ ...flow.labels, le })} ${
        (count * within(flow, bound)) / 1000
      } ${stamp}`
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

/** Requests since the first point, as a counter that each proxy started with 1000. */
function countOf({ rps }: Flow, { at, first, now }: Moment): number {
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
