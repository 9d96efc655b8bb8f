import type {
  PrometheusAnswer,
  PrometheusFailure,
  PrometheusReply,
  PrometheusRequest,
  PrometheusSeries,
  PrometheusSource,
} from './prometheus-api.ts'
import { dataOf, seriesOf } from './read-answer.ts'

/** Bounds of what is asked. */
export interface PrometheusLimits {
  /** Milliseconds for one request. */
  readonly timeout: number
  /** How often a request is sent again where nobody answers, or a busy server does; 1 when left out. */
  readonly retries?: number
  /** Ends all that is under way. */
  readonly signal?: AbortSignal
  /** Waits before a further try; rejects where it is interrupted. */
  readonly wait?: (milliseconds: number) => Promise<void>
}

/** From when to when, in seconds since 1970, and how far the points are apart. */
export interface QueryRange {
  readonly start: number
  readonly end: number
  readonly step: number
}

/** What is asked of a server; failures are answers, nothing is thrown but an interruption. */
export interface PrometheusClient {
  readonly name: string
  /** The value of an expression now. */
  instant(query: string): Promise<PrometheusAnswer<readonly PrometheusSeries[]>>
  /** Its values over a range. */
  range(query: string, range: QueryRange): Promise<PrometheusAnswer<readonly PrometheusSeries[]>>
  /** The server's configuration as YAML; some servers that speak the API do not have it. */
  config(): Promise<PrometheusAnswer<string>>
}

/** Many proxies take no longer line. */
const longestGet = 4000
const waitBeforeRetry = 250

/** A client of one server. */
export function prometheusClient(source: PrometheusSource, limits: PrometheusLimits): PrometheusClient {
  const ask = (path: string, form = '') => answered(source, { path, form }, limits)
  return {
    name: source.name,
    instant: async query => seriesOf(await ask('/api/v1/query', formOf({ query, timeout: limits.timeout }))),
    range: async (query, range) =>
      seriesOf(await ask('/api/v1/query_range', formOf({ query, ...range, timeout: limits.timeout }))),
    config: async () => {
      const answer = await ask('/api/v1/status/config')
      const yaml = answer.failure === undefined && Reflect.get(Object(answer.data), 'yaml')
      if (answer.failure !== undefined || typeof yaml === 'string')
        return answer.failure === undefined ? { ...answer, data: String(yaml) } : answer
      return { failure: { reason: 'not-prometheus', message: 'no configuration' }, warnings: [] }
    },
  }
}

/** Prometheus takes the time limit as a duration, so that it does not work on what nobody waits for. */
function formOf({
  timeout,
  ...parameters
}: { readonly query: string; readonly timeout: number } & Partial<QueryRange>): string {
  const entries = Object.entries(parameters).map(([name, value]): [string, string] => [name, String(value)])
  return new URLSearchParams([...entries, ['timeout', `${timeout}ms`]]).toString()
}

type Asked = Pick<PrometheusRequest, 'path' | 'form'>

async function answered(
  source: PrometheusSource,
  asked: Asked,
  limits: PrometheusLimits,
): Promise<PrometheusAnswer<unknown>> {
  const { retries = 1, wait = () => Promise.resolve(), signal } = limits
  for (let attempt = 0; ; attempt++) {
    const answer = await once(source, asked, limits)
    signal?.throwIfAborted()
    const reason = answer.failure?.reason
    if (attempt >= retries || (reason !== 'unreachable' && reason !== 'busy')) return answer
    await wait(waitBeforeRetry * 2 ** attempt)
  }
}

async function once(
  source: PrometheusSource,
  { path, form }: Asked,
  { timeout, signal }: PrometheusLimits,
): Promise<PrometheusAnswer<unknown>> {
  const late = AbortSignal.timeout(timeout)
  const isPost = !source.isGetOnly && form.length > longestGet
  try {
    const reply = await endedBy<PrometheusReply>(
      late,
      source.send({
        method: isPost ? 'POST' : 'GET',
        path,
        form,
        signal: signal === undefined ? late : AbortSignal.any([late, signal]),
      }),
    )
    return dataOf(reply)
  } catch (error) {
    return { failure: late.aborted ? lateAfter(timeout) : unreachable(error), warnings: [] }
  }
}

/** What a promise gives, unless the signal comes first: a transport may be slow to notice. */
function endedBy<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  const { promise: ended, reject } = Promise.withResolvers<never>()
  const onAbort = (): void => reject(signal.reason as Error)
  signal.addEventListener('abort', onAbort, { once: true })
  return Promise.race([promise, ended]).finally(() => signal.removeEventListener('abort', onAbort))
}

const lateAfter = (timeout: number): PrometheusFailure => ({
  reason: 'timeout',
  message: `it did not answer within ${timeout / 1000} s`,
})

const unreachable = (error: unknown): PrometheusFailure => ({
  reason: 'unreachable',
  message: error instanceof Error ? error.message || String(Reflect.get(error, 'code')) : String(error),
})
