import { keyOf, type KubeObject } from '../../objects/kube-object.ts'
import { apiKindOf, isKind, refOf, type Kind } from '../../objects/kinds.ts'
import {
  ApiFailure,
  isAbsent,
  isExpired,
  isForbidden,
  isFruitless,
  UnreadableWatch,
} from './stream/api-failure.ts'
import { Backoff } from './backoff.ts'
import { chunksOf, type Fetch } from './stream/chunks.ts'
import type { KindStats } from './kind-stats.ts'
import { listPages } from './stream/list-pages.ts'
import type { ReflectorParts } from './reflector-parts.ts'
import { Refusals } from './refusals.ts'
import { apiPath, apiVersionOf } from '../api-path.ts'
import { servedVersion } from './stream/served-version.ts'
import { pause } from './stream/timers.ts'
import { watchEvents } from './stream/watch-events.ts'

/** A watch that ends sooner than this without an event has told us nothing. */
const shortestWatch = 5_000
/** Rights come back without notice, so they are checked more often than a server that does not answer. */
const longestRefusal = 10_000
/** A question about rights that is not answered tells nothing, and must not hold up the next. */
const longestCheck = 10_000
/** So often may a watch break without having told anything until we take a new list instead. */
const patience = 3

/**
 * Keeps one kind in the view: lists it, watches it from the list's version, and resumes from the last version
 * after every break. Lists again
 * only when the version has expired, or when resuming leads nowhere. Ends with its signal and never rejects.
 */
export class Reflector {
  readonly #kind: Kind
  readonly #parts: ReflectorParts
  readonly #backoff: Backoff
  readonly #absentBackoff: Backoff
  /** Where the view stands: undefined while only a list can tell. */
  #position: string | undefined
  #version: string | undefined
  #compareAt = 0
  #misses = 0
  #fruitless = 0
  #isSynced = false
  #isAbsent = false
  #lists = 0
  #restarts = 0
  #drift = 0
  #lastEvent: number | undefined
  /** Of lists and watches, and of questions in between: a right to list tells nothing of one to watch. */
  readonly #refusals: Refusals
  readonly #refusedChecks: Refusals

  constructor(kind: Kind, parts: ReflectorParts) {
    this.#kind = kind
    this.#parts = parts
    this.#refusals = new Refusals(parts.timers)
    this.#refusedChecks = new Refusals(parts.timers)
    this.#backoff = new Backoff(parts.timers, parts.options.backoff)
    this.#absentBackoff = new Backoff(parts.timers, parts.options.absent)
  }

  get stats(): KindStats {
    return {
      objects: this.#parts.store.size,
      isSynced: this.#isSynced,
      isAbsent: this.#isAbsent,
      restarts: this.#restarts,
      relists: Math.max(0, this.#lists - 1),
      drift: this.#drift,
      lastEvent: this.#lastEvent,
      refusedSince: this.#refusals.since ?? this.#refusedChecks.since,
      forbiddenMs: Math.max(this.#refusals.forbiddenMs, this.#refusedChecks.forbiddenMs),
    }
  }

  /**
   * Asks whether the kind may still be listed: the API server asks for rights when a watch begins, and not again as
   * long as it continues. Never rejects.
   */
  async checkRights(): Promise<void> {
    // A kind that was never listed, or that nobody serves, is asked for anyway.
    if (this.#version === undefined) return
    const fetch = this.#fetch(this.#version)
    try {
      const idleMs = Math.min(fetch.idleMs, longestCheck)
      for await (const _ of chunksOf({ ...fetch, idleMs, query: { limit: '1' } })) break
      this.#refusedChecks.end()
    } catch (error) {
      this.#refusedChecks.note(error)
    }
  }

  async run(): Promise<void> {
    const { signal, timers } = this.#parts
    while (!signal.aborted) {
      const wait = await this.#step().then(
        () => 0,
        error => this.#waitAfter(error),
      )
      if (wait > 0) await pause(timers, wait, signal)
    }
  }

  async #step(): Promise<void> {
    if (this.#position === undefined) await this.#list()
    else if (this.#parts.timers.elapsed() >= this.#compareAt) await this.#compare(this.#position)
    else await this.#watch(this.#position)
  }

  /** Takes note of a failure and says how long to wait. */
  #waitAfter(error: unknown): number {
    if (this.#parts.signal.aborted) return 0
    this.#refusals.note(error)
    if (isAbsent(error)) return this.#missed()
    if (isExpired(error) || (isFruitless(error) && ++this.#fruitless >= patience)) this.#position = undefined
    this.#parts.onProblem(this.#kind, error)
    const wait = this.#backoff.next(error instanceof ApiFailure ? error.retryAfter : 0)
    return isForbidden(error) ? Math.min(wait, longestRefusal) : wait
  }

  /**
   * A kind that nobody serves counts as known and empty. One that was served a moment ago must be missed
   * twice: a starting server may not know it yet.
   */
  #missed(): number {
    this.#position = undefined
    this.#version = undefined
    if (this.#lists > 0 && ++this.#misses < 2) return this.#backoff.next()
    if (!this.#isAbsent) this.#parts.store.retain(new Set())
    this.#isAbsent = true
    this.#synced()
    return this.#absentBackoff.next()
  }

  async #list(): Promise<void> {
    const { store } = this.#parts
    const seen = new Set<string>()
    let position = ''
    const version = this.#version ?? (await servedVersion(this.#kind, version => this.#fetch(version)))
    for await (const page of listPages(this.#fetch(version))) {
      for (const item of page.items) {
        const object = this.#typed(item, version)
        seen.add(keyOf(refOf(object)))
        store.put(object)
      }
      position = page.version
    }
    store.retain(seen)
    this.#lists++
    this.#misses = 0
    this.#fruitless = 0
    this.#isAbsent = false
    this.#absentBackoff.reset()
    this.#arrive(version, position)
  }

  #arrive(version: string, position: string): void {
    const { timers, options } = this.#parts
    this.#version = version
    this.#position = position
    this.#refusals.end()
    this.#compareAt = timers.elapsed() + options.compareMs * (0.75 + timers.random() / 2)
    this.#synced()
  }

  async #watch(from: string): Promise<void> {
    const { timers, store } = this.#parts
    const start = timers.elapsed()
    const until = this.#compareAt
    let events = 0
    // A watch asks to be ended now and then, spread over time, so that connections spread over the API
    // servers again.
    const timeoutSeconds = String(Math.round(300 * (1 + timers.random())))
    const all = this.#fetch(this.#version!)
    const fetch = { ...all, query: { ...all.query, timeoutSeconds } }
    try {
      for await (const event of watchEvents(fetch, from)) {
        if (event.type === 'DELETED') store.remove(refOf(this.#typed(event.object, this.#version!)))
        else if (event.type !== 'BOOKMARK') store.put(this.#typed(event.object, this.#version!))
        this.#position = event.version
        this.#lastEvent = timers.now()
        this.#refusals.end()
        this.#backoff.reset()
        this.#fruitless = 0
        events++
        if (timers.elapsed() >= until) return
      }
    } catch (error) {
      this.#restarts++
      throw error
    }
    if (events > 0 || timers.elapsed() - start >= shortestWatch) return
    this.#restarts++
    throw new UnreadableWatch('the watch ended at once')
  }

  /**
   * Compares the view with the list as it stood at the same version, corrects it, and counts what differed.
   */
  async #compare(position: string): Promise<void> {
    const { store } = this.#parts
    const seen = new Set<string>()
    let drift = 0
    try {
      for await (const page of listPages({ ...this.#fetch(this.#version!), exactly: position })) {
        for (const item of page.items) {
          const object = this.#typed(item, this.#version!)
          seen.add(keyOf(refOf(object)))
          if (store.put(object)) drift++
        }
      }
    } catch (error) {
      // The version may be gone, or unknown to a cluster restored from a backup: then a new list tells. Else
      // the watch continues meanwhile.
      if (error instanceof ApiFailure && [400, 410, 504].includes(error.status)) this.#position = undefined
      this.#compareAt = this.#parts.timers.elapsed() + this.#parts.options.compareMs / 4
      throw error
    }
    this.#drift += drift + store.retain(seen)
    this.#arrive(this.#version!, position)
  }

  #fetch(version: string): Fetch {
    const { requester, labelSelector, timers, signal, options } = this.#parts
    const query = labelSelector === undefined ? {} : { labelSelector }
    return { requester, timers, signal, idleMs: options.idleMs, path: apiPath(this.#kind, version), query }
  }

  #typed(object: KubeObject, version: string): KubeObject {
    return isKind(this.#kind, object)
      ? object
      : { ...object, kind: apiKindOf(this.#kind), apiVersion: apiVersionOf(this.#kind, version) }
  }

  #synced(): void {
    if (this.#isSynced) return
    this.#isSynced = true
    this.#parts.onSynced()
  }
}
