/** A registry of this machine's own, in memory: crane serves it. */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { ensureAssets } from '../cluster/assets.ts'

/** Where it is: `localhost:PORT`; gone when it is disposed of. */
export interface LocalRegistry extends Disposable {
  readonly host: string
}

export async function startRegistry(): Promise<LocalRegistry> {
  const { crane } = await ensureAssets(['crane'])
  const server = spawn(crane, ['registry', 'serve', '--address', '127.0.0.1:0'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const stop = (): void => {
    server.stderr.destroy()
    server.kill()
  }
  for await (const line of createInterface(server.stderr)) {
    const [, port] = /serving on port (\d+)/.exec(line) ?? []
    if (port === undefined) continue
    return { host: `localhost:${port}`, [Symbol.dispose]: stop }
  }
  throw new Error('crane serves no registry')
}
