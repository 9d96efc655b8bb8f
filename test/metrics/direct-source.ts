import type {
  PrometheusReply,
  PrometheusRequest,
  PrometheusSource,
} from '../../shared/metrics/prometheus/prometheus-api.ts'
import { prometheusClient, type PrometheusClient } from '../../shared/metrics/prometheus/prometheus-client.ts'

/** A server by its URL, asked with Node's own fetch. */
export const directSource = (url: string): PrometheusSource => ({
  name: url,
  send: async ({ method, path, form, signal }) => {
    const isPost = method === 'POST'
    const answer = await fetch(`${url}${path}${isPost ? '' : `?${form}`}`, {
      method,
      signal,
      redirect: 'manual',
      ...(isPost && { body: form, headers: { 'content-type': 'application/x-www-form-urlencoded' } }),
    })
    return {
      status: answer.status,
      contentType: answer.headers.get('content-type') ?? '',
      text: await answer.text(),
    }
  },
})

/** A client of that server. */
export const directClient = (url: string): PrometheusClient =>
  prometheusClient(directSource(url), { timeout: 10_000 })

/** A client of a server that answers as the test says, and what it was asked. */
export function answeringClient(
  answer: (request: PrometheusRequest) => PrometheusReply | Promise<PrometheusReply>,
  limits: { readonly timeout?: number; readonly retries?: number } = {},
): { readonly client: PrometheusClient; readonly asked: readonly PrometheusRequest[] } {
  const asked: PrometheusRequest[] = []
  const source: PrometheusSource = {
    name: 'http://prometheus',
    send: async request => {
      asked.push(request)
      return answer(request)
    },
  }
  return { client: prometheusClient(source, { timeout: 5000, ...limits }), asked }
}

/** An answer in JSON, as Prometheus gives it. */
export const replied = (body: unknown, status = 200): PrometheusReply => ({
  status,
  contentType: 'application/json',
  text: JSON.stringify(body),
})
