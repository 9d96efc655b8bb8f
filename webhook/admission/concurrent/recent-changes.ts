import { keyOf, type KubeObject, type Ref } from '../../../shared/objects/kube-object.ts'
import { changedRef, type Change } from '../../../shared/view/change.ts'
import type { ClusterView } from '../../../shared/view/cluster-view.ts'
import { haveSameKeys } from '../../../shared/view/index-table.ts'
import { differenceOf, readByRules } from '../../cache/same-to-rules.ts'

/** Longer than a write takes from its review to the watch event, unless the API server is overloaded. */
const keptMs = 2_000
/** Bytes of reviews that are kept, at about five times as much memory. */
const mostBytes = 4 * 1024 * 1024

/** An admitted change, and what it is about. */
export interface Admitted {
  readonly change: Change
  readonly ref: Ref
  /** It is a deletion that has begun, maybe long ago, and that a finalizer holds. */
  readonly isBegun?: boolean
}

interface Remembered {
  readonly ref: Ref
  change: Change
  /** When it was admitted. */
  at: number
  /** The size of its review. */
  bytes: number
}

/** What is under way in a namespace at one moment; see {@link RecentChanges.momentOf}. */
export interface Moment {
  /** Changes that were admitted and that the view does not have yet. */
  readonly unseen: readonly Admitted[]
  /** How many changes were admitted until then, in all namespaces. */
  readonly count: number
}

/**
 * The changes that were admitted in the last two seconds: their writes may still be under way, and no watch reports
 * them. The oldest are forgotten where they take too much memory.
 */
export class RecentChanges {
  readonly #now: () => number
  #current: Period
  #previous: Period
  #count = 0

  constructor(now: () => number = () => performance.now()) {
    this.#now = now
    this.#current = new Period(now())
    this.#previous = new Period(now())
  }

  /** Remembers an admitted change, in place of an earlier one of the same object; `bytes` is the review's size. */
  add(change: Change, bytes: number): void {
    this.#letGo()
    const ref = changedRef(change)
    const earlier = this.#previous.get(ref)
    this.#current.add(ref, { change, at: this.#now(), bytes }, earlier)
    if (earlier !== undefined) this.#previous.forget(earlier)
    this.#count++
  }

  /**
   * What other changes than that of `subject` are under way in its namespace, as far as a view does not know. Where it
   * is the cache's, by which every later review is judged, what it has is forgotten.
   */
  momentOf(view: ClusterView, subject: Ref, isCache = false): Moment {
    const unseen: Admitted[] = []
    for (const [entry, period] of this.#of(subject.namespace)) {
      const isOwn = isSameRef(entry.ref, subject)
      if (isOwn && !isCache) continue
      if (!isSeen(entry, view)) {
        if (!isOwn) unseen.push({ change: entry.change, ref: entry.ref })
      } else if (isCache) period.forget(entry)
    }
    return { unseen, count: this.#count }
  }

  /** Whether changes of other objects than `subject` in its namespace are remembered, be they seen or not. */
  hasOthers(subject: Ref): boolean {
    for (const [entry] of this.#of(subject.namespace)) if (!isSameRef(entry.ref, subject)) return true
    return false
  }

  /** How many changes were admitted until now, in all namespaces. */
  get count(): number {
    return this.#count
  }

  /** Those of a namespace that still count, in the order in which their objects were first admitted. */
  *#of(namespace: string): Generator<readonly [Remembered, Period]> {
    this.#letGo()
    const since = this.#now() - keptMs
    for (const period of [this.#previous, this.#current])
      for (const entry of period.of(namespace))
        if (entry.at >= since && entry.change !== nothing) yield [entry, period]
  }

  /** Begins a new period where the current one is old or large, and lets go of the one before. */
  #letGo(): void {
    const now = this.#now()
    if (now - this.#current.since <= keptMs && this.#current.bytes <= mostBytes / 2) return
    this.#previous = this.#current
    this.#current = new Period(now)
  }
}

/**
 * The changes that were admitted from some moment on. Nothing is taken out of its Maps: they are let go as a whole, as V8
 * keeps what was in the tables of a Map that shrinks and grows until its next full garbage collection.
 */
class Period {
  readonly since: number
  readonly #byNamespace = new Map<string, Map<string, Remembered>>()
  #bytes = 0

  constructor(since: number) {
    this.since = since
  }

  get bytes(): number {
    return this.#bytes
  }

  of(namespace: string): Iterable<Remembered> {
    return this.#byNamespace.get(namespace)?.values() ?? []
  }

  get(ref: Ref): Remembered | undefined {
    return this.#byNamespace.get(ref.namespace)?.get(keyOf(ref))
  }

  /** Remembers a change; what is kept of the one before may be what is kept of an `earlier` one. */
  add(ref: Ref, { change, at, bytes }: Omit<Remembered, 'ref'>, earlier: Remembered | undefined): void {
    let all = this.#byNamespace.get(ref.namespace)
    if (all === undefined) this.#byNamespace.set(ref.namespace, (all = new Map()))
    const key = keyOf(ref)
    const known = all.get(key)
    const kept = keptOf(change, (known ?? earlier)?.change)
    this.#bytes += bytes - (known?.bytes ?? 0)
    if (known === undefined) all.set(key, { ref, change: kept, at, bytes })
    else Object.assign(known, { change: kept, at, bytes })
  }

  /** Lets go of a change: its object is small then, and counts for nothing. */
  forget(entry: Remembered): void {
    this.#bytes -= entry.bytes
    entry.bytes = 0
    entry.change = nothing
  }
}

const nothing: Change = {}

const isSameRef = (one: Ref, other: Ref): boolean =>
  one.kind === other.kind && one.name === other.name && one.namespace === other.namespace

/**
 * What is kept of a change: of the old object its version alone, and of the new one what rules read; as it was admitted
 * before, where it is the same: objects that replace each other all the time are garbage of the old generation, and to
 * collect that takes as long as the whole cache is large.
 */
function keptOf({ before, after }: Change, earlier: Change | undefined): Change {
  const isSame =
    after !== undefined && earlier?.after !== undefined && differenceOf(earlier.after, after) === 'none'
  return { before: before && versionOf(before), after: isSame ? earlier.after : after && read(after) }
}

/** What rules read of an object, found by the same keys as the whole. */
function read(object: KubeObject): KubeObject {
  const kept = readByRules(object)
  haveSameKeys(kept, object)
  return kept
}

const versionOf = ({ apiVersion, kind, metadata }: KubeObject): KubeObject => {
  const { name, namespace, resourceVersion } = metadata
  return {
    apiVersion,
    kind,
    metadata: { name, ...(namespace && { namespace }), ...(resourceVersion && { resourceVersion }) },
  }
}

/** Whether the view has the change or one that came after it. */
function isSeen({ change, ref }: Pick<Remembered, 'change' | 'ref'>, view: ClusterView): boolean {
  const { before, after } = change
  const now = view.get(ref)
  if (now === undefined) return after === undefined
  if (after === undefined && now.metadata.deletionTimestamp !== undefined) return true
  return before === undefined || isNewer(now, before)
}

/** Resource versions are whole numbers that grow; by their length they are compared without rounding. */
function isNewer(now: KubeObject, before: KubeObject): boolean {
  const [a, b] = [now.metadata.resourceVersion ?? '', before.metadata.resourceVersion ?? '']
  return a.length === b.length ? a > b : a.length > b.length
}
