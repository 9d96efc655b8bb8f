/** A TCP load balancer like a Service: new connections go to the endpoints in turn, open connections stay where they are. */
import { createServer, connect, type Server } from 'node:net'
import { once } from 'node:events'

export class Balancer implements AsyncDisposable {
  readonly #server: Server
  readonly #endpoints: { readonly port: number; readonly host: string }[] = []
  #next = 0

  constructor() {
    this.#server = createServer(client => {
      const endpoint = this.#endpoints[this.#next++ % this.#endpoints.length]
      if (endpoint === undefined) return void client.destroy()
      const backend = connect(endpoint)
      client.pipe(backend).pipe(client)
      client.on('error', () => backend.destroy())
      client.on('close', () => backend.destroy())
      backend.on('error', () => client.destroy())
      backend.on('close', () => client.destroy())
    })
  }

  async listen(): Promise<number> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error('no port')
    return address.port
  }

  add(port: number, host = '127.0.0.1'): void {
    this.#endpoints.push({ port, host })
  }

  remove(port: number, host = '127.0.0.1'): void {
    const i = this.#endpoints.findIndex(endpoint => endpoint.port === port && endpoint.host === host)
    if (i >= 0) this.#endpoints.splice(i, 1)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close()
  }
}
