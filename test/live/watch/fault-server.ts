/** A small API server of one kind (`/api/v1/services`) that lists, watches and fails on demand. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Agent, request } from 'undici'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import type { Requester } from '../../../shared/live/watch/stream/requester.ts'

/** What is asked, as the tests look at it: `list`, `page` (a later one), `exact` (a comparison) or `watch`. */
export type Asked = 'list' | 'page' | 'exact' | 'watch'
/** Answers in place of the server; returns false to let it answer as usual. */
export type Fault = (response: ServerResponse, query: URLSearchParams) => boolean | void

interface LogEntry {
  readonly version: number
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly object: KubeObject
}

export class FaultServer implements AsyncDisposable {
  readonly requests: { readonly asked: Asked; readonly version: string | null }[] = []
  /** Versions up to this one are gone. */
  compacted = 0
  /** False as long as nobody serves the kind. */
  isServed = true
  pageSize = 2
  readonly #server: Server
  readonly #agent = new Agent()
  readonly #log: LogEntry[] = []
  readonly #faults: { readonly asked: Asked; readonly fault: Fault }[] = []
  readonly #watches = new Set<ServerResponse>()
  #version = 1

  static async start(): Promise<FaultServer> {
    const server = new FaultServer()
    await server.listen()
    return server
  }

  private constructor() {
    this.#server = createServer((incoming, response) => this.#answer(incoming, response))
  }

  async listen(port = 0): Promise<void> {
    await new Promise<void>(resolve => this.#server.listen(port, '127.0.0.1', resolve))
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  readonly connection: Requester = {
    request: async ({ method, path, query, signal }) => {
      const url = `http://127.0.0.1:${this.port}${path}?${new URLSearchParams(query).toString()}`
      const { statusCode, headers, body } = await request(url, { method, signal, dispatcher: this.#agent })
      return { status: statusCode, headers, body }
    },
  }

  /** The next requests of that sort meet these faults, one each. */
  fail(asked: Asked, ...faults: readonly Fault[]): void {
    this.#faults.push(...faults.map(fault => ({ asked, fault })))
  }

  /** Writes an object; `silently` makes it one whose event gets lost. */
  put(name: string, labels: Readonly<Record<string, string>> = {}, { silently = false } = {}): void {
    const isKnown = this.#stateAt(this.#version).has(name)
    const version = ++this.#version
    const object = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace: 'shop', resourceVersion: String(version), labels },
    }
    this.#record({ version, type: isKnown ? 'MODIFIED' : 'ADDED', object }, silently)
  }

  remove(name: string, { silently = false } = {}): void {
    const object = this.#stateAt(this.#version).get(name)!
    const version = ++this.#version
    this.#record(
      {
        version,
        type: 'DELETED',
        object: { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } },
      },
      silently,
    )
  }

  /** Sends every watch a bookmark of now. */
  bookmark(): void {
    this.write(
      `${JSON.stringify({ type: 'BOOKMARK', object: { kind: 'Service', metadata: { resourceVersion: String(this.#version) } } })}\n`,
    )
  }

  /** Sends raw bytes to every watch. */
  write(bytes: string | Uint8Array): void {
    for (const watch of this.#watches) watch.write(bytes)
  }

  endWatches(): void {
    for (const watch of this.#watches) watch.end()
  }

  resetWatches(): void {
    for (const watch of this.#watches) watch.destroy()
  }

  get openWatches(): number {
    return this.#watches.size
  }

  get version(): number {
    return this.#version
  }

  /** The sorts of requests so far, in order. */
  asked(): readonly Asked[] {
    return this.requests.map(({ asked }) => asked)
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise(resolve => this.#server.close(resolve))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#agent.destroy()
    await this.stop()
  }

  #record(entry: LogEntry, silently: boolean): void {
    this.#log.push(entry)
    if (!silently) this.write(lineOf(entry))
  }

  #stateAt(version: number): Map<string, KubeObject> {
    const state = new Map<string, KubeObject>()
    for (const { type, object } of this.#log.filter(entry => entry.version <= version)) {
      if (type === 'DELETED') state.delete(object.metadata.name)
      else state.set(object.metadata.name, object)
    }
    return state
  }

  #answer(incoming: IncomingMessage, response: ServerResponse): void {
    const { pathname, searchParams: query } = new URL(incoming.url!, 'http://server')
    if (!this.isServed || pathname !== '/api/v1/services')
      return void response.writeHead(404).end('404 page not found\n')
    const version = query.get('resourceVersion')
    const asked = query.has('watch')
      ? 'watch'
      : query.has('continue')
        ? 'page'
        : version === null
          ? 'list'
          : 'exact'
    this.requests.push({ asked, version })
    const planned = this.#faults.findIndex(fault => fault.asked === asked)
    const [met] = planned < 0 ? [] : this.#faults.splice(planned, 1)
    if (met !== undefined && met.fault(response, query) !== false) return
    if (version !== null && Number(version) < this.compacted) return sendStatus(410)(response)
    if (asked === 'watch') this.#watch(response, Number(version))
    else this.#list(response, query)
  }

  #list(response: ServerResponse, query: URLSearchParams): void {
    const [at, offset] = (query.get('continue') ?? `${query.get('resourceVersion') ?? this.#version} 0`)
      .split(' ')
      .map(Number) as [number, number]
    const items = [...this.#stateAt(at).values()].map(({ metadata }) => ({ metadata }))
    const end = offset + this.pageSize
    const next = end < items.length ? { continue: `${at} ${end}` } : {}
    send(response, {
      kind: 'ServiceList',
      metadata: { resourceVersion: String(at), ...next },
      items: items.slice(offset, end),
    })
  }

  #watch(response: ServerResponse, from: number): void {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.flushHeaders()
    this.#watches.add(response)
    response.on('close', () => this.#watches.delete(response))
    for (const entry of this.#log.filter(({ version }) => version > from)) response.write(lineOf(entry))
  }
}

const lineOf = ({ type, object }: LogEntry): string => `${JSON.stringify({ type, object })}\n`

interface Head {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
}

function send(response: ServerResponse, body: object, { status = 200, headers = {} }: Head = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
}

/** Answers with a Status of that code. */
export const sendStatus =
  (code: number, headers: Readonly<Record<string, string>> = {}) =>
  (response: ServerResponse): void =>
    send(
      response,
      { kind: 'Status', code, reason: code === 410 ? 'Expired' : 'Any', message: `planned ${code}` },
      { status: code, headers },
    )

/** Ends the connection without an answer. */
export const reset: Fault = response => void response.socket?.destroy()

/** Accepts the request and never answers, as a half-open connection does. */
export const silence: Fault = () => {}

/** Opens the watch and sends those bytes, then ends it. */
export const stream =
  (...chunks: readonly string[]): Fault =>
  response => {
    response.writeHead(200)
    for (const chunk of chunks) response.write(chunk)
    response.end()
  }
