/**
 * What reviews that are made to hurt cost a guard over a large cluster: milliseconds and resident memory after each, the latencies of sound reviews with and
 * without an audit under way, and the memory that many of them at once take. Ends with 1 where the guard is gone, or one takes more than five seconds, the timeout that the chart sets.
 */
import { Agent, request } from 'node:https'
import { startLargeGuard, type LogLine } from './guard-over-large-cluster.ts'
import { hostileReviews } from './hostile-reviews.ts'

const mostMs = 5000
const agent = new Agent({ keepAlive: true, rejectUnauthorized: false })

await using guard = await startLargeGuard({ auditSeconds: 20 })
let isAuditing = false
const reasons = new Map<string, number>()
const port = await new Promise<number>((resolve, reject) => {
  let found = 0
  const follow = async (): Promise<void> => {
    for await (const text of guard.lines) {
      const line = JSON.parse(text) as LogLine
      if (line['msg'] === 'listening') found = Number(line['port'])
      if (line['msg'] === 'audit finished') isAuditing = false
      if (line['msg'] === 'review failed')
        reasons.set(String(line['reason']), (reasons.get(String(line['reason'])) ?? 0) + 1)
      if (line['msg'] === 'cache synced') resolve(found)
    }
  }
  follow().then(() => reject(new Error('the guard has ended')), reject)
})
isAuditing = true

/** Milliseconds until the answer, and its status; 0 where there is none. */
function send(
  body: string | Buffer,
): Promise<{ readonly ms: number; readonly status: number; readonly text: string }> {
  const start = performance.now()
  return new Promise(resolve => {
    const answered = (status: number, text: string): void =>
      resolve({ ms: performance.now() - start, status, text })
    request(
      {
        host: '127.0.0.1',
        port,
        path: '/validate?timeout=10s',
        method: 'POST',
        agent,
        headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
      },
      response => {
        let text = ''
        response
          .setEncoding('utf8')
          .on('data', (chunk: string) => (text += chunk))
          .on('end', () => answered(response.statusCode!, text))
      },
    )
      .on('error', error => answered(0, error.message))
      .end(body)
  })
}

const shown = (ms: number): string => `${ms.toFixed(0).padStart(6)} ms`

async function latencies(title: string, goesOn: (count: number) => boolean): Promise<void> {
  const times: number[] = []
  const sound = hostileReviews['a sound one']!()
  while (goesOn(times.length)) {
    times.push((await send(sound)).ms)
    await new Promise(resolve => setTimeout(resolve, 5))
  }
  const sorted = times.toSorted((a, b) => a - b)
  console.log(
    `${title}: ${times.length} sound reviews, ${[0.5, 0.99, 1].map(part => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))]!.toFixed(1)).join(', ')} ms (median, p99, most)`,
  )
}

await latencies('during an audit', () => isAuditing)
await latencies('without', count => count < 500)
for (const [title, make] of Object.entries(hostileReviews)) {
  const body = make()
  const { ms, status, text } = await send(body)
  const said = /"warnings":\["([^"]*)"/.exec(text)?.[1] ?? /"message":"([^\\"]*)/.exec(text)?.[1] ?? ''
  console.log(
    `${shown(ms)} ${String(await guard.memory('VmRSS').catch(() => 0)).padStart(4)} MiB  ${title} (${Math.round(body.length / 1024)} KB): ${status} ${said.slice(0, 90)}`,
  )
  if (status === 0 || ms > mostMs) process.exitCode = 1
}
for (const [title, body] of [
  ['8 MiB of spaces', Buffer.alloc(8 * 2 ** 20 - 10, ' ')],
  ['400,000 brackets', hostileReviews['400,000 brackets']!()],
  ['4,000 undefined subsets', hostileReviews['VirtualService to 4,000 undefined subsets']!()],
] as const) {
  const answers = await Promise.all(Array.from({ length: 20 }, () => send(body)))
  console.log(
    `20 times at once ${title}: ${answers.map(({ status }) => status).join(' ')}, ${await guard.memory('VmRSS').catch(() => 0)} MiB`,
  )
}
console.log(
  `${await guard.memory('VmHWM')} MiB at the peak; not judged: ${JSON.stringify(Object.fromEntries(reasons))}`,
)
agent.destroy()
