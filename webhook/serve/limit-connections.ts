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
 * Keeps at most this many connections: for one more, it closes the one that has waited longest for its first request,
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
    connections.secure(socket)
    if (socket.authorized) connections.keep(socket)
  })
  server.on('request', ({ socket }, response) => {
    const connection = connections.begin(socket)
    if (connection !== undefined) response.on('close', () => connections.end(connection))
  })
}

interface OpenConnection {
  /** That of TCP, which closes the TLS on it. */
  readonly socket: Socket
  readonly isKnown: boolean
  underWay: number
  /** Whether it had a request. */
  isUsed: boolean
  /** Whether it is never closed for others. */
  isKept: boolean
  /** When it began to wait for a request, as a number that grows. */
  waitsSince: number
}

/**
 * Those that are open. The one to close is looked for among all when it is needed: a set of those that wait would change
 * with each request, and V8 keeps what was in the tables of such a set until its next full garbage collection.
 */
class Connections {
  readonly #most: number
  readonly #isKnownAddress: IsKnownAddress
  readonly #open = new Map<string, OpenConnection>()
  /** By the socket that requests come with. */
  readonly #ofTls = new WeakMap<Socket, OpenConnection>()
  #moments = 0

  constructor(most: number, isKnownAddress: IsKnownAddress) {
    this.#most = most
    this.#isKnownAddress = isKnownAddress
  }

  add(socket: Socket): void {
    const connection: OpenConnection = {
      socket,
      isKnown: this.#isKnownAddress(socket.remoteAddress),
      underWay: 0,
      isUsed: false,
      isKept: false,
      waitsSince: this.#moments++,
    }
    const id = idOf(socket)
    this.#open.set(id, connection)
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
    const isKnown = this.#open.get(idOf(newest))?.isKnown === true
    return this.#firstToClose(newest, false) ?? (isKnown ? this.#firstToClose(newest, true) : undefined)
  }

  /** Of those without a request under way the one that waits longest, those that never had one first. */
  #firstToClose(newest: Socket, isKnown: boolean): OpenConnection | undefined {
    let first: OpenConnection | undefined
    for (const connection of this.#open.values()) {
      if (connection.isKnown !== isKnown || connection.isKept || connection.underWay > 0) continue
      if (connection.socket !== newest && (first === undefined || isBefore(connection, first)))
        first = connection
    }
    return first
  }

  /** Knows a connection by the TLS on it, too, without writing down its address for each request. */
  secure(socket: Socket): void {
    const connection = this.#open.get(idOf(socket))
    if (connection !== undefined) this.#ofTls.set(socket, connection)
  }

  /** Never closes it for others. */
  keep(socket: Socket): void {
    const connection = this.#open.get(idOf(socket))
    if (connection !== undefined) connection.isKept = true
  }

  /** A request begins; undefined on a connection that is closed. */
  begin(socket: Socket): OpenConnection | undefined {
    const connection = this.#ofTls.get(socket)
    if (connection === undefined) return undefined
    connection.underWay++
    connection.isUsed = true
    return connection
  }

  end(connection: OpenConnection): void {
    connection.underWay--
    connection.waitsSince = this.#moments++
  }

  #remove(id: string, connection: OpenConnection): void {
    if (this.#open.get(id) === connection) this.#open.delete(id)
  }
}

const isBefore = (one: OpenConnection, other: OpenConnection): boolean =>
  one.isUsed === other.isUsed ? one.waitsSince < other.waitsSince : !one.isUsed

/** The same for a connection and for the TLS on it; its end knows neither any more. */
const idOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress} ${remotePort}`
