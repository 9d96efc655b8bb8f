/** The guard as its container runs it, with the chart's flags, over the made-up API server of a large cluster. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { createAuthority } from '../cluster/credentials.ts'
import { serveLargeCluster, type ClusterSize } from './large-cluster.ts'

const main = join(import.meta.dirname, '../../dist/canary-guard.js')
/** What the chart sets for its default memory limit of 384 MiB; a cluster of 50,000 VirtualServices needs a larger one. */
export const envFor = (heapMiB: number): NodeJS.ProcessEnv => ({
  NODE_OPTIONS: `--max-semi-space-size=8 --max-old-space-size=${heapMiB}`,
  MALLOC_ARENA_MAX: '2',
})

export type { LogLine } from '../webhook/cluster/guarded.ts'

/** A running guard: the lines of its log, and its memory in MiB (VmRSS as it is, VmHWM the most it ever was). */
export interface LargeGuard extends AsyncDisposable {
  readonly lines: AsyncIterable<string>
  readonly memory: (figure: 'VmRSS' | 'VmHWM') => Promise<number>
  /** Where its certificate is. */
  readonly folder: string
}

export interface LargeGuardOptions {
  readonly auditSeconds: number
  readonly size?: ClusterSize
  readonly heapMiB?: number
}

/** Starts it with an audit every so many seconds. */
export async function startLargeGuard({
  auditSeconds,
  size,
  heapMiB = 128,
}: LargeGuardOptions): Promise<LargeGuard> {
  const folder = await mkdtemp(join(tmpdir(), 'canary-large-'))
  const cluster = await serveLargeCluster(size)
  const { certificate, key } = await (await createAuthority()).server(['127.0.0.1'])
  const files: Readonly<Record<string, string>> = {
    'tls.crt': certificate,
    'tls.key': key,
    kubeconfig: JSON.stringify(kubeconfigFor(cluster.url)),
    'config.yaml': `audit: { intervalSeconds: ${auditSeconds} }\n`,
  }
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
  const flags = [
    '--host=127.0.0.1',
    '--port=0',
    '--probe-port=0',
    `--kubeconfig=${folder}/kubeconfig`,
    `--config=${folder}/config.yaml`,
    `--certificate-dir=${folder}`,
    '--drain-seconds=0',
  ]
  const guard = spawn(process.execPath, [main, ...flags], {
    env: envFor(heapMiB),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return {
    folder,
    lines: createInterface({ input: guard.stdout }),
    memory: async figure => {
      const status = await readFile(`/proc/${guard.pid}/status`, 'utf8')
      return Math.round(Number(new RegExp(`${figure}:\\s+(\\d+) kB`).exec(status)![1]) / 1024)
    },
    [Symbol.asyncDispose]: async () => {
      guard.kill('SIGKILL')
      if (guard.exitCode === null && guard.signalCode === null) await once(guard, 'exit')
      cluster[Symbol.dispose]()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

const kubeconfigFor = (server: string): object => ({
  apiVersion: 'v1',
  kind: 'Config',
  'current-context': 'large',
  clusters: [{ name: 'large', cluster: { server } }],
  users: [{ name: 'nobody', user: {} }],
  contexts: [{ name: 'large', context: { cluster: 'large', user: 'nobody' } }],
})
