/** A server that answers the queries of live figures with made-up series, and counts what it is asked. */
import {
  startFakeServer,
  type FakeOptions,
  type FakeServer,
  type Reply,
  type Seen,
} from '../../live/api-server.ts'

/** Requests of one kind: labels and how many there are per second. */
export type Row = readonly [labels: Readonly<Record<string, string>>, rps: number]

const usual = {
  reporter: 'source',
  destination_service: 'catalog.shop.svc.cluster.local',
  destination_workload_namespace: 'shop',
  response_code: '200',
  response_flags: '-',
}

/** Requests of a version of catalog, as callers report them. */
export const requests = (version: string, rps: number, more: Readonly<Record<string, string>> = {}): Row => [
  { ...usual, destination_version: version, destination_workload: `catalog-${version}`, ...more },
  rps,
]

/** What the queries of live figures give: the rows, durations of 10 to 25 ms, and a scrape every 15 s. */
export function answerQuery({ url, body }: Pick<Seen, 'url' | 'body'>, rows: readonly Row[]): Reply {
  const form = new URLSearchParams(url.search + (body === '' ? '' : `&${body}`))
  const query = form.get('query') ?? ''
  if (query.startsWith('max(count_over_time')) return vector([[{}, 20]])
  if (query.startsWith('count(')) return vector(rows.length > 0 ? [[{}, rows.length]] : [])
  if (query.includes('response_flags=~')) return vector([])
  if (query.includes('_bucket'))
    return vector(
      rows.flatMap(([labels, rps]) =>
        ['10', '25', '+Inf'].map((le, i): Row => [{ ...labels, le }, i === 0 ? 0 : rps]),
      ),
    )
  if (!url.pathname.endsWith('/query_range')) return vector(rows)
  const [start, end, step] = ['start', 'end', 'step'].map(name => Number(form.get(name)))
  const times = Array.from({ length: (end! - start!) / step! + 1 }, (_, i) => start! + i * step!)
  return success({
    resultType: 'matrix',
    result: rows.map(([metric, rps]) => ({ metric, values: times.map((at, i) => [at, String(rps * i)]) })),
  })
}

/** A successful answer. */
export const success = (data: unknown, more: object = {}): Reply => ({
  body: { status: 'success', data, ...more },
})

const vector = (rows: readonly Row[]): Reply =>
  success({
    resultType: 'vector',
    result: rows.map(([metric, value]) => ({ metric, value: [1_785_585_600, String(value)] })),
  })

/** Starts one, without TLS unless told otherwise. */
export const startFakePrometheus = (
  rows: readonly Row[],
  options: FakeOptions = { plain: true },
): Promise<FakeServer> => startFakeServer(seen => answerQuery(seen, rows), options)
