/** What a cluster's etcd holds, and how it is put back. Everything of a cluster is there: objects of all kinds, whoever made them. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Agent, request } from 'undici'

/** A key with its value, both in base64, and the revision that wrote it. */
interface Entry {
  readonly key: string
  readonly value?: string
  readonly mod_revision: string
}

/** Everything that was stored at some time, by key. */
export type Stored = ReadonlyMap<string, Entry>

type Operation =
  | { readonly request_put: { readonly key: string; readonly value: string } }
  | { readonly request_delete_range: { readonly key: string } }

/** From the first key to the last. */
const everything = { key: 'AA==', range_end: 'AA==' }
/** etcd takes 128 operations at once. */
const atOnce = 100
/** How long nothing is written before what is there counts as complete: the API server makes objects of its own after its start. */
const quietMs = 400

/** An etcd that listens on a Unix socket. */
export class Etcd {
  readonly #agent: Agent
  /** The revisions that have put an entry back. */
  readonly #putBack = new WeakMap<Entry, string>()

  constructor(socketPath: string) {
    this.#agent = new Agent({ connect: { socketPath } })
  }

  /** All that is stored, once nothing more comes. */
  async settled(): Promise<Stored> {
    for (let [before, now] = ['', revisionsOf(await this.#entries(true))]; now !== before;) {
      before = now
      await sleep(quietMs)
      now = revisionsOf(await this.#entries(true))
    }
    return this.#entries(false)
  }

  /** Stores again what was stored at some time, and nothing else. Returns how many keys that has changed. */
  async restore(wanted: Stored): Promise<number> {
    const present = await this.#entries(true)
    const operations: readonly Operation[] = [
      ...[...present.keys()].filter(key => !wanted.has(key)).map(key => ({ request_delete_range: { key } })),
      ...[...wanted.values()]
        .filter(entry => !this.#is(entry, present.get(entry.key)))
        .map(({ key, value = '' }) => ({ request_put: { key, value } })),
    ]
    for (let i = 0; i < operations.length; i += atOnce) {
      const some = operations.slice(i, i + atOnce)
      const { header } = await this.#ask('txn', { success: some })
      for (const operation of some)
        if ('request_put' in operation)
          this.#putBack.set(wanted.get(operation.request_put.key)!, header.revision)
    }
    return operations.length
  }

  /** Whether an entry is there as it was, since then or again. */
  #is(wanted: Entry, present: Entry | undefined): boolean {
    return (
      present !== undefined && [wanted.mod_revision, this.#putBack.get(wanted)].includes(present.mod_revision)
    )
  }

  async close(): Promise<void> {
    await this.#agent.destroy()
  }

  async #entries(keysOnly: boolean): Promise<Stored> {
    const { kvs = [] } = await this.#ask('range', { ...everything, keys_only: keysOnly })
    return new Map(kvs.map(entry => [entry.key, entry]))
  }

  async #ask(
    verb: 'range' | 'txn',
    body: object,
  ): Promise<{ readonly header: { readonly revision: string }; readonly kvs?: readonly Entry[] }> {
    const answer = await request(`http://etcd/v3/kv/${verb}`, {
      dispatcher: this.#agent,
      method: 'POST',
      body: JSON.stringify(body),
    })
    if (answer.statusCode !== 200) throw new Error(`etcd: ${answer.statusCode} ${await answer.body.text()}`)
    return (await answer.body.json()) as never
  }
}

const revisionsOf = (stored: Stored): string =>
  [...stored.values()].map(({ key, mod_revision }) => `${key}@${mod_revision}`).join()
