/**
 * What the guard needs in a large cluster: 10,000 VirtualServices, DestinationRules, Services and EndpointSlices each, 30,000 Deployments, ReplicaSets and
 * pods each. It runs as its container does, with the chart's flags, against a made-up API server. Ends with 1 where it ever takes more than 256 MiB.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { createAuthority } from '../cluster/credentials.ts'
import { serveLargeCluster } from './large-cluster.ts'

const mostMiB = 256
const main = join(import.meta.dirname, '../../dist/canary-guard.js')
// What the chart sets for its default memory limit of 384 MiB.
const env = { NODE_OPTIONS: '--max-semi-space-size=2 --max-old-space-size=128', MALLOC_ARENA_MAX: '2' }

type Line = Readonly<Record<string, unknown>>

/** A figure of the process in MiB: VmRSS as it is, VmHWM the most it ever was. */
async function memory(pid: number, figure: string): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Math.round(Number(new RegExp(`${figure}:\\s+(\\d+) kB`).exec(status)![1]) / 1024)
}

const folder = await mkdtemp(join(tmpdir(), 'canary-memory-'))
using cluster = await serveLargeCluster()
const { certificate, key } = await (await createAuthority()).server(['127.0.0.1'])
const kubeconfig = {
  'apiVersion': 'v1', 'kind': 'Config', 'current-context': 'large',
  'clusters': [{ name: 'large', cluster: { server: cluster.url } }], 'users': [{ name: 'nobody', user: {} }],
  'contexts': [{ name: 'large', context: { cluster: 'large', user: 'nobody' } }],
}
const files: Readonly<Record<string, string>> = { 'tls.crt': certificate, 'tls.key': key, 'kubeconfig': JSON.stringify(kubeconfig), 'config.yaml': 'audit: { everySeconds: 5 }\n' }
for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
const flags = ['--host=127.0.0.1', '--port=0', '--probe-port=0', `--kubeconfig=${folder}/kubeconfig`, `--config=${folder}/config.yaml`, `--certificate-dir=${folder}`, '--drain-seconds=0']
const start = performance.now()
const guard = spawn(process.execPath, [main, ...flags], { env, stdio: ['ignore', 'pipe', 'inherit'] })
try {
  const audits: Line[] = []
  for await (const text of createInterface({ input: guard.stdout })) {
    const line = JSON.parse(text) as Line
    if (line['msg'] === 'the cluster is known') console.log(`known after ${((performance.now() - start) / 1000).toFixed(1)} s: ${JSON.stringify(line['objects'])}`)
    if (line['msg'] === 'audit') audits.push(line)
    if (audits.length === 3) break
  }
  await sleep(500)
  const [now, most] = await Promise.all(['VmRSS', 'VmHWM'].map(figure => memory(guard.pid!, figure)))
  console.log(`${now} MiB resident after three audits of ${audits.map(line => String(line['ms'])).join(', ')} ms, ${most} MiB at its peak`)
  if (most! > mostMiB) {
    console.log(`more than ${mostMiB} MiB`)
    process.exitCode = 1
  }
} finally {
  guard.kill('SIGKILL')
  if (guard.exitCode === null && guard.signalCode === null) await once(guard, 'exit')
  await rm(folder, { recursive: true, force: true })
}
