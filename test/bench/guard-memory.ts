/**
 * What the guard needs in a large cluster: 10,000 VirtualServices, DestinationRules, Services and EndpointSlices each, 30,000 Deployments, ReplicaSets and
 * pods each. Ends with 1 where it ever takes more than 256 MiB.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { startLargeGuard, type LogLine } from './guard-over-large-cluster.ts'

const mostMiB = 256

const start = performance.now()
await using guard = await startLargeGuard({ auditSeconds: 5 })
const audits: LogLine[] = []
for await (const text of guard.lines) {
  const line = JSON.parse(text) as LogLine
  if (line['msg'] === 'cache synced')
    console.log(
      `known after ${((performance.now() - start) / 1000).toFixed(1)} s: ${JSON.stringify(line['objects'])}`,
    )
  if (line['msg'] === 'audit finished') audits.push(line)
  if (audits.length === 3) break
}
await sleep(500)
const [now, most] = [await guard.memory('VmRSS'), await guard.memory('VmHWM')]
console.log(
  `${now} MiB resident after three audits of ${audits.map(line => String(line['ms'])).join(', ')} ms, ${most} MiB at its peak`,
)
if (most > mostMiB) {
  console.log(`more than ${mostMiB} MiB`)
  process.exitCode = 1
}
