import type { Server } from 'node:https'
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { IsKnownAddress } from './known-callers.ts'

export interface ConnectionLimits {
  readonly most: number
  /** A connection was closed, because there were too many. */
  readonly onClosed?: () => void
  readonly isKnownAddress?: IsKnownAddress
}

/**
 * Keeps at most so many connections: for one more, it closes the one that has waited longest for its first request,
 * else for its next one; where all have a request under way, the new one. So idle connections neither fill the memory
 * nor keep an API server out. Connections whose client certificate was verified are never closed for others, and those
 * from the addresses of API servers only where there is no other.
 */
export function limitConnections(
  server: Server,
  { most, onClosed = () => undefined, isKnownAddress = () => false }: ConnectionLimits,
): void {
  const connections = new Connections(most, isKnownAddress)
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
  readonly waiting: WaitingConnections
  underWay: number
  isKept: boolean
}

/** Connections without a request under way, in the order in which they began to wait. */
class WaitingConnections {
  readonly unused = new Set<OpenConnection>()
  readonly idle = new Set<OpenConnection>()

  /** The one to close for a newer one. */
  first(newest: Socket): OpenConnection | undefined {
    const [oldest] = this.unused
    const [idle] = this.idle
    return oldest !== undefined && oldest.socket !== newest ? oldest : idle
  }

  remove(connection: OpenConnection): void {
    this.unused.delete(connection)
    this.idle.delete(connection)
  }
}

class Connections {
  readonly #most: number
  readonly #isKnownAddress: IsKnownAddress
  readonly #open = new Map<string, OpenConnection>()
  readonly #strangers = new WaitingConnections()
  readonly #known = new WaitingConnections()

  constructor(most: number, isKnownAddress: IsKnownAddress) {
    this.#most = most
    this.#isKnownAddress = isKnownAddress
  }

  add(socket: Socket): void {
    const waiting = this.#isKnownAddress(socket.remoteAddress) ? this.#known : this.#strangers
    const connection: OpenConnection = { socket, waiting, underWay: 0, isKept: false }
    this.#open.set(idOf(socket), connection)
    waiting.unused.add(connection)
    const id = idOf(socket)
    socket.once('close', () => this.#remove(id, connection))
  }

  /** Closes a connection if there are too many; whether it has. */
  makeRoom(newest: Socket): boolean {
    if (this.#open.size <= this.#most) return false
    const { socket } = this.#victimOf(newest) ?? { socket: newest }
    const id = idOf(socket)
    socket.destroy()
    const connection = this.#open.get(id)
    if (connection !== undefined) this.#remove(id, connection)
    return true
  }

  /** A connection of an API server is closed for another of one, and not for a stranger's. */
  #victimOf(newest: Socket): OpenConnection | undefined {
    const isKnown = this.#open.get(idOf(newest))?.waiting === this.#known
    return this.#strangers.first(newest) ?? (isKnown ? this.#known.first(newest) : undefined)
  }

  /** Never closes it for others. */
  keep(socket: Socket): void {
    const connection = this.#open.get(idOf(socket))
    if (connection === undefined) return
    connection.isKept = true
    connection.waiting.remove(connection)
  }

  begin(socket: Socket): void {
    const connection = this.#open.get(idOf(socket))
    if (connection === undefined) return
    connection.underWay++
    connection.waiting.remove(connection)
  }

  end(socket: Socket): void {
    const connection = this.#open.get(idOf(socket))
    if (connection === undefined) return
    connection.underWay--
    if (connection.underWay === 0 && !connection.isKept) connection.waiting.idle.add(connection)
  }

  #remove(id: string, connection: OpenConnection): void {
    if (this.#open.get(id) === connection) this.#open.delete(id)
    connection.waiting.remove(connection)
  }
}

/** The same for a connection and for the TLS on it; its end knows neither any more. */
const idOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress} ${remotePort}`
