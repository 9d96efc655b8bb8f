import type { Server } from 'node:https'
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'

/**
 * Keeps at most so many connections: for one more, it closes the one that has waited longest for its first request,
 * else for its next one; where all have a request under way, the new one. So idle connections neither fill the memory
 * nor keep an API server out. Connections whose client certificate was verified are never closed for others.
 */
export function limitConnections(server: Server, most: number, onClosed: () => void): void {
  const connections = new Connections(most)
  // Far above the most, for connections that come faster than others are closed.
  server.maxConnections = 2 * most
  server.on('connection', (socket: Socket) => {
    connections.add(socket)
    if (connections.makeRoom(socket)) onClosed()
  })
  server.on('secureConnection', (socket: TLSSocket) => {
    if (socket.authorized) connections.keep(socket)
  })
  server.on('request', ({ socket }, response) => {
    connections.begin(socket)
    response.once('close', () => connections.end(socket))
  })
}

interface OpenConnection {
  /** That of TCP, which closes the TLS on it. */
  readonly socket: Socket
  underWay: number
  isKept: boolean
}

class Connections {
  readonly #most: number
  readonly #open = new Map<string, OpenConnection>()
  // Both in the order in which they began to wait.
  readonly #unused = new Set<OpenConnection>()
  readonly #idle = new Set<OpenConnection>()

  constructor(most: number) {
    this.#most = most
  }

  add(socket: Socket): void {
    const connection: OpenConnection = { socket, underWay: 0, isKept: false }
    this.#open.set(idOf(socket), connection)
    this.#unused.add(connection)
    const id = idOf(socket)
    socket.once('close', () => this.#remove(id, connection))
  }

  /** Closes a connection if there are too many; whether it has. */
  makeRoom(newest: Socket): boolean {
    if (this.#open.size <= this.#most) return false
    const [oldest] = this.#unused
    const [victim] = oldest !== undefined && oldest.socket !== newest ? [oldest] : this.#idle
    const { socket } = victim ?? { socket: newest }
    const id = idOf(socket)
    socket.destroy()
    const connection = this.#open.get(id)
    if (connection !== undefined) this.#remove(id, connection)
    return true
  }

  /** Never closes it for others. */
  keep(socket: Socket): void {
    const connection = this.#open.get(idOf(socket))
    if (connection === undefined) return
    connection.isKept = true
    this.#unused.delete(connection)
  }

  begin(socket: Socket): void {
    const connection = this.#open.get(idOf(socket))
    if (connection === undefined) return
    connection.underWay++
    this.#unused.delete(connection)
    this.#idle.delete(connection)
  }

  end(socket: Socket): void {
    const connection = this.#open.get(idOf(socket))
    if (connection === undefined) return
    connection.underWay--
    if (connection.underWay === 0 && !connection.isKept) this.#idle.add(connection)
  }

  #remove(id: string, connection: OpenConnection): void {
    if (this.#open.get(id) === connection) this.#open.delete(id)
    this.#unused.delete(connection)
    this.#idle.delete(connection)
  }
}

/** The same for a connection and for the TLS on it; its end knows neither any more. */
const idOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress} ${remotePort}`
