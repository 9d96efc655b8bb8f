import type {
  PrometheusAnswer,
  PrometheusFailure,
  PrometheusReply,
  PrometheusSeries,
} from './prometheus-api.ts'

type Fields = Readonly<Record<string, unknown>>

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The `data` of an answer (https://prometheus.io/docs/prometheus/latest/querying/api/#format-overview), or why there is none. */
export function dataOf(reply: PrometheusReply): PrometheusAnswer<unknown> {
  const body = parsed(reply.text)
  const isOurs = isFields(body) && (body['status'] === 'success' || body['status'] === 'error')
  const warnings = isOurs
    ? [...stringsOf(body['warnings']), ...stringsOf(body['infos']), ...partOf(body)]
    : []
  if (isOurs && body['status'] === 'success' && reply.status < 300) return { data: body['data'], warnings }
  const said = isOurs && typeof body['error'] === 'string' ? oneLine(body['error']) : undefined
  return { failure: failureOf(reply, said), warnings }
}

/**
 * A cluster of VictoriaMetrics answers with what the nodes have that are there
 * (https://docs.victoriametrics.com/victoriametrics/cluster-victoriametrics/#cluster-availability).
 */
const partOf = ({ isPartial }: Fields): readonly string[] =>
  isPartial === true ? ['the answer is partial: some storage nodes did not answer'] : []

/** The series of an instant or range query. */
export function seriesOf(answer: PrometheusAnswer<unknown>): PrometheusAnswer<readonly PrometheusSeries[]> {
  if (answer.failure !== undefined) return answer
  const { data, warnings } = answer
  const result = isFields(data) ? data['result'] : undefined
  const series = Array.isArray(result) ? allSeriesIn(data, result) : [undefined]
  return series.includes(undefined)
    ? { failure: { reason: 'not-prometheus', message: 'the result of the query has no series' }, warnings }
    : { data: series as readonly PrometheusSeries[], warnings }
}

/** A number of an expression such as `scalar(…)` is a series without labels. */
const allSeriesIn = (data: unknown, result: readonly unknown[]): readonly (PrometheusSeries | undefined)[] =>
  isFields(data) && data['resultType'] === 'scalar'
    ? [seriesIn({ metric: {}, value: result })]
    : result.map(seriesIn)

function seriesIn(value: unknown): PrometheusSeries | undefined {
  if (!isFields(value) || !isFields(value['metric'])) return undefined
  const points = Array.isArray(value['values']) ? value['values'] : [value['value']]
  const read = points.map(pointIn)
  return read.includes(undefined)
    ? undefined
    : {
        labels: Object.fromEntries(
          Object.entries(value['metric']).map(([name, text]) => [name, String(text)]),
        ),
        points: read as PrometheusSeries['points'],
      }
}

/** `[1700000000.123, "0.5"]`; the value is a string because JSON has no NaN and no infinity. */
function pointIn(value: unknown): readonly [number, number] | undefined {
  if (!Array.isArray(value) || typeof value[0] !== 'number' || typeof value[1] !== 'string') return undefined
  const sample = sampleOf(value[1])
  return sample === undefined ? undefined : [value[0], sample]
}

/** A sample's value: `NaN`, `+Inf`, `-Inf` or a number as Go writes it; undefined for anything else. */
export function sampleOf(text: string): number | undefined {
  if (/^nan$/i.test(text)) return Number.NaN
  const infinite = /^([+-]?)inf(?:inity)?$/i.exec(text)
  if (infinite !== null) return infinite[1] === '-' ? -Infinity : Infinity
  return /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i.test(text) ? Number(text) : undefined
}

function failureOf(reply: PrometheusReply, said: string | undefined): PrometheusFailure {
  const { status } = reply
  if (status === 401)
    return { reason: 'unauthorized', message: said ?? 'it does not accept the credentials (401)' }
  if (status === 403) return { reason: 'forbidden', message: said ?? 'it does not allow the query (403)' }
  if (said !== undefined)
    return {
      reason: status === 503 && /timed? ?out|cancel/i.test(said) ? 'timeout' : 'rejected',
      message: said,
    }
  const refused = refusalOf(reply.text)
  if (refused !== undefined) return { reason: 'unreachable', message: refused }
  return [429, 502, 503, 504].includes(status)
    ? { reason: 'busy', message: `it answers ${status}${shortText(reply)}` }
    : { reason: 'not-prometheus', message: strangeAnswer(reply) }
}

function strangeAnswer({ status, contentType, location }: PrometheusReply): string {
  if (status >= 300 && status < 400)
    return `it redirects${location === undefined ? '' : ` to ${location}`} (${status})`
  return `it does not answer as Prometheus does (${status}, ${contentType.split(';')[0] || 'no content type'})`
}

/**
 * What an API server says whose proxy finds nobody: `endpoints "prometheus" not found`, `no endpoints available for service
 * "prometheus"`.
 */
function refusalOf(text: string): string | undefined {
  const body = parsed(text)
  return isFields(body) && body['kind'] === 'Status' && typeof body['message'] === 'string'
    ? oneLine(body['message'])
    : undefined
}

const shortText = ({ contentType, text }: PrometheusReply): string =>
  /html/i.test(contentType) || text.trim() === '' ? '' : `: ${oneLine(text).slice(0, 200)}`

const oneLine = (text: string): string => text.trim().replaceAll(/\s+/g, ' ')

const stringsOf = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter(item => typeof item === 'string') : []

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
