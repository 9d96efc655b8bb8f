/** The versions of a Service behind Envoy: each answers who it is, and counts what it gets. */
import { createServer, type Server } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { versionClusters, versionSocketOf } from '../bootstrap.ts'

export type VersionName = (typeof versionClusters)[number]

/** Running servers; every answer has the header `x-version`, and a cookie of the application's own. */
export class Versions {
  readonly #servers: readonly Server[]
  readonly #counts = new Map<VersionName, number>()

  private constructor(servers: readonly Server[]) {
    this.#servers = servers
  }

  /** Starts a server for each version at its socket in Envoy's folder. */
  static async start(folder: string): Promise<Versions> {
    const servers = versionClusters.map(() => createServer())
    const versions = new Versions(servers)
    for (const [i, name] of versionClusters.entries()) {
      const server = servers[i]!
      // Envoy keeps its connections.
      server.keepAliveTimeout = 0
      server.on('request', (_, response) => {
        versions.#counts.set(name, versions.count(name) + 1)
        response.writeHead(200, { 'x-version': name, 'set-cookie': 'app=1', 'content-length': 0 }).end()
      })
      await new Promise<void>(resolve => server.listen(versionSocketOf(folder, name), resolve))
    }
    return versions
  }

  /** How many requests and copies a version got since the last {@link forget}. */
  count(name: VersionName): number {
    return this.#counts.get(name) ?? 0
  }

  forget(): void {
    this.#counts.clear()
  }

  /** Waits until no copy is under way any more: Envoy does not wait for their answers. */
  async settled(): Promise<void> {
    for (let before = -1, now = this.#sum(); before !== now; now = this.#sum()) {
      before = now
      await sleep(200)
    }
  }

  #sum(): number {
    return [...this.#counts.values()].reduce((sum, count) => sum + count, 0)
  }

  /** Ends the servers with their connections. */
  stop(): void {
    for (const server of this.#servers) {
      server.close()
      server.closeAllConnections()
    }
  }
}
