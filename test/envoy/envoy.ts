/** One Envoy process whose routes a test replaces while it runs. */
import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Processes } from '../cluster/processes.ts'
import { ensureEnvoy } from './assets.ts'
import { bootstrap, listeners, routesOf, socketOf, type Listener } from './bootstrap.ts'
import { Connection, type RawRequest, type RawResponse } from './connection.ts'

/** One worker, no shared memory with other Envoys, and no word unless something is wrong. */
export const quietFlags = [
  '--concurrency',
  '1',
  '--log-level',
  'warning',
  '--use-dynamic-base-id',
  '--disable-hot-restart',
]

/** What of a RouteConfiguration is of the test's making. */
export interface Routes {
  readonly virtual_hosts: readonly object[]
  readonly ignore_port_in_host_matching: boolean
}

// No world has this host: it answers which version of the routes a listener has.
const versionHost = 'version.kubectl-canary.test'

/** A running Envoy. */
export class Envoy {
  readonly #processes: Processes
  readonly #connections: Readonly<Record<Listener, Connection>>
  readonly #version = new Map<Listener, number>()
  #refusals = 0

  private constructor(processes: Processes) {
    this.#processes = processes
    const connection = (name: Listener) => new Connection(socketOf(processes.folder, name))
    this.#connections = {
      gateway: connection('gateway'),
      'gateway-tls': connection('gateway-tls'),
      sidecar: connection('sidecar'),
    }
  }

  /** Starts Envoy without routes. It ends with {@link stop}, or with this process. */
  static async start(): Promise<Envoy> {
    const program = await ensureEnvoy()
    const processes = await Processes.create()
    const envoy = new Envoy(processes)
    try {
      await writeFile(join(processes.folder, 'envoy.json'), JSON.stringify(bootstrap(processes.folder)))
      for (const listener of listeners)
        await envoy.#write(listener, { virtual_hosts: [], ignore_port_in_host_matching: true })
      await processes.start('envoy', program, ['--config-path', 'envoy.json', ...quietFlags])
      for (const listener of listeners) await envoy.#hasVersion(listener)
      return envoy
    } catch (error) {
      await envoy.stop()
      throw error
    }
  }

  /** Where its sockets are. */
  get folder(): string {
    return this.#processes.folder
  }

  /** The ids of Envoy and of what ends it with this process. */
  get ids(): readonly number[] {
    return this.#processes.ids
  }

  /** Replaces a listener's routes and returns when it uses them; throws with Envoy's reason where it refuses them. */
  async route(listener: Listener, routes: Routes): Promise<void> {
    await this.#write(listener, routes)
    await this.#hasVersion(listener)
  }

  /** Sends one request over a listener's connection; one at a time for each listener. */
  send(listener: Listener, request: RawRequest): Promise<RawResponse> {
    return this.#connections[listener].send(request)
  }

  /** Ends Envoy and removes its folder. */
  async stop(): Promise<void> {
    for (const connection of Object.values(this.#connections)) connection.close()
    await this.#processes.stop()
  }

  async #write(name: Listener, routes: Routes): Promise<void> {
    const version = (this.#version.get(name) ?? 0) + 1
    this.#version.set(name, version)
    const answer = {
      match: { prefix: '/' },
      direct_response: { status: 200, body: { inline_string: String(version) } },
    }
    const resource = {
      '@type': 'type.googleapis.com/envoy.config.route.v3.RouteConfiguration',
      name,
      ...routes,
      virtual_hosts: [...routes.virtual_hosts, { name: 'version', domains: [versionHost], routes: [answer] }],
    }
    // Envoy watches for a file that is moved into place.
    const path = routesOf(this.#processes.folder, name)
    await writeFile(`${path}.draft`, JSON.stringify({ version_info: String(version), resources: [resource] }))
    await rename(`${path}.draft`, path)
  }

  async #hasVersion(listener: Listener): Promise<void> {
    const request = { method: 'GET', target: '/', headers: [['host', versionHost]] } as const
    const expected = String(this.#version.get(listener))
    for (let attempt = 0; attempt < 2000; attempt += 1) {
      const answer = await this.send(listener, request).catch(() => undefined)
      if (answer?.body === expected) return
      await this.#processes.check()
      await this.#checkRefusals()
      await sleep(attempt < 20 ? 1 : 5)
    }
    throw new Error(`Envoy did not take the routes of ${listener}`)
  }

  async #checkRefusals(): Promise<void> {
    const log = await readFile(this.#processes.logOf('envoy'), 'utf8')
    const reasons = log.match(/(?<=update rejected: ).+/g) ?? []
    if (reasons.length === this.#refusals) return
    this.#refusals = reasons.length
    throw new Error(`Envoy refuses the routes: ${reasons.at(-1)}`)
  }
}
