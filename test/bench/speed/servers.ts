/** The servers that are compared: the guard as its container runs it over a large cluster, and the bare handler. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { envFor, startLargeGuard, type LargeGuard, type LogLine } from '../guard-over-large-cluster.ts'
import { cpuSecondsOf, type Measured } from './load.ts'
import { routes } from './reviews.ts'

const heapMiB = 1024

/** A guard whose cache is filled. */
export interface MeasuredGuard extends Measured, AsyncDisposable, Pick<LargeGuard, 'memory'> {
  readonly folder: string
  /** CPU seconds that it took until then. */
  readonly readySeconds: number
  readonly isAuditing: () => boolean
}

/** Starts a guard over so many VirtualServices; the audit comes at once, and then every so many seconds; none for 0. */
export async function startMeasuredGuard(services: number, auditSeconds: number): Promise<MeasuredGuard> {
  const guard = await startLargeGuard({ auditSeconds, size: { services, routes }, heapMiB })
  const ports = new Map<string, number>()
  let isAuditing = false
  const measured = (): Measured => ({
    port: ports.get('listening')!,
    metricsUrl: `http://127.0.0.1:${ports.get('serving probes and metrics')}/metrics`,
  })
  await new Promise<void>((resolve, reject) => {
    const follow = async (): Promise<void> => {
      for await (const text of guard.lines) {
        const line = JSON.parse(text) as LogLine
        if (line['port'] !== undefined) ports.set(String(line['msg']), Number(line['port']))
        if (line['msg'] === 'audit finished') isAuditing = false
        if (line['msg'] === 'cache synced') {
          isAuditing = auditSeconds > 0
          resolve()
        }
      }
    }
    follow().then(() => reject(new Error('the guard has ended')), reject)
  })
  return {
    ...measured(),
    folder: guard.folder,
    readySeconds: await cpuSecondsOf(measured()),
    isAuditing: () => isAuditing,
    memory: guard.memory,
    [Symbol.asyncDispose]: () => guard[Symbol.asyncDispose](),
  }
}

/** Starts the bare handler with the certificate in a folder, and the guard's settings of Node's heap. */
export async function startBareHandler(folder: string): Promise<Measured & AsyncDisposable> {
  const bare = spawn(process.execPath, [join(import.meta.dirname, 'bare-handler.ts'), folder], {
    env: envFor(heapMiB),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = (await once(createInterface({ input: bare.stdout }), 'line')) as [string]
  const { port } = JSON.parse(line) as { readonly port: number }
  return {
    port,
    metricsUrl: `https://127.0.0.1:${port}/metrics`,
    [Symbol.asyncDispose]: async () => {
      bare.kill('SIGKILL')
      if (bare.exitCode === null && bare.signalCode === null) await once(bare, 'exit')
    },
  }
}
