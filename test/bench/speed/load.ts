/** Sends reviews at 10 connections and measures what they cost the server. */
import { Pool } from 'undici'

/** A server of reviews on the loopback, and where it says its CPU time. */
export interface Measured {
  readonly port: number
  readonly metricsUrl: string
}

/** What reviews cost: CPU milliseconds of the server's process each, how many a second, and the latencies in milliseconds. */
export interface Cost {
  readonly cpuMs: number
  readonly perSecond: number
  readonly p50: number
  readonly p99: number
  /** Those that were denied. */
  readonly denied: number
}

const connections = 10

/** CPU seconds of a server since it was started. */
export async function cpuSecondsOf({ metricsUrl }: Measured): Promise<number> {
  // The bare handler's certificate is that of the run.
  const pool = new Pool(new URL(metricsUrl).origin, { connect: { rejectUnauthorized: false } })
  const { body } = await pool.request({ path: '/metrics', method: 'GET' })
  const found = /^process_cpu_seconds_total (\S+)$/m.exec(await body.text())
  await pool.close()
  return Number(found![1])
}

/** Sends reviews for so many milliseconds; throws where one has no answer. */
export async function measureReviews(
  server: Measured,
  bodyOf: (i: number) => Buffer,
  forMs: number,
): Promise<Cost> {
  const pool = new Pool(`https://127.0.0.1:${server.port}`, {
    connections,
    connect: { rejectUnauthorized: false },
  })
  const times: number[] = []
  let sent = 0
  let denied = 0
  const sendUntil = async (end: number): Promise<void> => {
    while (performance.now() < end) {
      const start = performance.now()
      const { statusCode, body } = await pool.request({
        path: '/validate?timeout=10s',
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: bodyOf(sent++),
      })
      const text = await body.text()
      if (statusCode !== 200) throw new Error(`${statusCode}: ${text}`)
      if (text.includes('"allowed":false')) denied++
      times.push(performance.now() - start)
    }
  }
  const before = await cpuSecondsOf(server)
  const start = performance.now()
  await Promise.all(Array.from({ length: connections }, () => sendUntil(start + forMs)))
  const took = performance.now() - start
  const cpu = (await cpuSecondsOf(server)) - before
  await pool.close()
  const sorted = times.toSorted((a, b) => a - b)
  const at = (part: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))]!
  return {
    cpuMs: (cpu * 1000) / times.length,
    perSecond: (times.length * 1000) / took,
    p50: at(0.5),
    p99: at(0.99),
    denied,
  }
}
