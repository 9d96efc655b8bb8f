import { keyOf, type KubeObject } from '../../objects/kube-object.ts'
import { apiKindOf, isKind, refOf, type Kind } from '../../objects/kinds.ts'
import {
  ApiFailure,
  isAbsent,
  isExpired,
  isFruitless,
  isRefused,
  UnreadableWatch,
} from './stream/api-failure.ts'
import { Backoff, type BackoffLimits } from './backoff.ts'
import type { Fetch } from './stream/chunks.ts'
import type { KindStats } from './kind-stats.ts'
import type { KindStore } from './kind-store.ts'
import { listPages } from './stream/list-pages.ts'
import type { Requester } from './stream/requester.ts'
import { apiPath, apiVersionOf } from '../api-path.ts'
import { servedVersion } from './stream/served-version.ts'
import { pause, type Timers } from './stream/timers.ts'
import { watchEvents } from './stream/watch-events.ts'

/** Times in milliseconds. */
export interface ReflectorOptions {
  /** How long the line may be silent; the API server sends a bookmark about every minute. */
  readonly idleMs: number
  /** How often the view is compared with a list. */
  readonly compareMs: number
  readonly backoff: BackoffLimits
  /** How often to look whether a kind that nobody serves is served by now. */
  readonly absent: BackoffLimits
}

/** What a reflector works with. */
export interface ReflectorParts {
  readonly requester: Requester
  /** Of the objects that are listed and watched; undefined for all. */
  readonly labelSelector?: string | undefined
  readonly timers: Timers
  readonly store: KindStore
  readonly onProblem: (kind: Kind, error: unknown) => void
  readonly onSynced: () => void
  readonly signal: AbortSignal
  readonly options: ReflectorOptions
}

/** A watch that ends sooner than this without an event has told us nothing. */
const shortestWatch = 5_000
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
  #refusedSince: number | undefined

  constructor(kind: Kind, parts: ReflectorParts) {
    this.#kind = kind
    this.#parts = parts
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
      refusedSince: this.#refusedSince,
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
    this.#refusedSince = isRefused(error) ? (this.#refusedSince ?? this.#parts.timers.now()) : undefined
    if (isAbsent(error)) return this.#missed()
    if (isExpired(error) || (isFruitless(error) && ++this.#fruitless >= patience)) this.#position = undefined
    this.#parts.onProblem(this.#kind, error)
    return this.#backoff.next(error instanceof ApiFailure ? error.retryAfter : 0)
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
      for (const object of page.items.map(item => this.#typed(item, version))) {
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
    this.#refusedSince = undefined
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
        this.#refusedSince = undefined
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
        for (const object of page.items.map(item => this.#typed(item, this.#version!))) {
          seen.add(keyOf(refOf(object)))
          if (store.put(object)) drift++
        }
      }
    } catch (error) {
      // The version may be gone, or unknown to a cluster restored from a backup: then a new list tells. Else
      // the watch goes on meanwhile.
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
