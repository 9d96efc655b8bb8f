/**
 * How the guard's cost grows with the cluster: CPU time until it knows the cluster, and memory then and while it audits, from 1,000 to 50,000 Services, each
 * with a VirtualService of five routes, a DestinationRule and three Deployments with their ReplicaSets, pods and EndpointSlices. `BENCH_SIZES` names other
 * sizes. The bundle in dist must be built.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { startMeasuredGuard } from './speed/servers.ts'

const sizes = (process.env['BENCH_SIZES'] ?? '1000,5000,10000,20000,50000').split(',').map(Number)

/** The audit begins at once and pauses often: so much of it shows what it needs. */
const auditedMs = 20_000

console.log('Services   ready (s of CPU)   resident MiB   most MiB in an audit')
for (const services of sizes) {
  await using guard = await startMeasuredGuard(services, 3600)
  const known = await guard.memory('VmRSS')
  await sleep(auditedMs)
  const row = [services, guard.readySeconds.toFixed(1), known, await guard.memory('VmHWM')]
  console.log(row.map((cell, i) => String(cell).padStart([8, 18, 14, 22][i]!)).join(' '))
}
