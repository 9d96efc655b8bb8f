/** HTTP/1.1 written by hand: Node's own client refuses or repairs what an odd client sends. */
import { connect, type Socket } from 'node:net'

/** A request as its bytes are: the target with its query, and header lines in their order. */
export interface RawRequest {
  readonly method: string
  readonly target: string
  readonly headers: readonly (readonly [name: string, value: string])[]
}

/** An answer; the last of several headers of one name. Names are lower case. */
export interface RawResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** Every `Set-Cookie`. */
  readonly cookies: readonly string[]
  readonly body: string
}

/** A connection that is opened again where the other side has closed it; one request at a time. */
export class Connection {
  readonly #path: string
  #socket: Socket | undefined
  #waiting: PromiseWithResolvers<RawResponse> | undefined
  #received = ''
  #head = false

  constructor(path: string) {
    this.#path = path
  }

  async send({ method, target, headers }: RawRequest): Promise<RawResponse> {
    const socket = (this.#socket ??= this.#open())
    this.#waiting = Promise.withResolvers()
    this.#head = method === 'HEAD'
    const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')
    socket.write(`${method} ${target} HTTP/1.1\r\n${lines}\r\n`, 'latin1')
    return this.#waiting.promise
  }

  close(): void {
    this.#socket?.destroy()
    this.#socket = undefined
  }

  #open(): Socket {
    const socket = connect(this.#path)
    this.#received = ''
    socket.setEncoding('latin1')
    socket.on('data', (text: string) => {
      this.#received += text
      this.#deliver(socket)
    })
    const ended = (error?: Error) => {
      if (this.#socket !== socket) return
      this.#socket = undefined
      this.#waiting?.reject(error ?? new Error('the connection was closed without an answer'))
    }
    socket.on('error', ended)
    socket.on('close', () => ended())
    return socket
  }

  #deliver(socket: Socket): void {
    const end = this.#received.indexOf('\r\n\r\n')
    if (end < 0) return
    const response = readHead(this.#received.slice(0, end))
    const length = this.#head ? 0 : Number(response.headers['content-length'] ?? 0)
    if (this.#received.length < end + 4 + length) return
    const body = this.#received.slice(end + 4, end + 4 + length)
    this.#received = this.#received.slice(end + 4 + length)
    const waiting = this.#waiting
    this.#waiting = undefined
    if (response.headers['connection'] === 'close') {
      this.#socket = undefined
      socket.destroy()
    }
    waiting?.resolve({ ...response, body })
  }
}

function readHead(text: string): Omit<RawResponse, 'body'> {
  const [statusLine = '', ...lines] = text.split('\r\n')
  const pairs = lines.map(line => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const
  })
  return {
    status: Number(statusLine.split(' ')[1]),
    headers: Object.fromEntries(pairs),
    cookies: pairs.filter(([name]) => name === 'set-cookie').map(([, value]) => value),
  }
}
