import { keyOf, type KubeObject, type Ref } from '../../../shared/objects/kube-object.ts'
import { changedRef, type Change } from '../../../shared/view/change.ts'
import type { ClusterView } from '../../../shared/view/cluster-view.ts'
import { differenceOf, readByRules } from '../../cache/same-to-rules.ts'

/** Longer than a write takes from its review to the watch event, unless the API server is overloaded. */
const keptMs = 2_000
/** So many bytes of reviews, at about five times as much memory. */
const mostBytes = 4 * 1024 * 1024

/** An admitted change, and what it is about. */
export interface Admitted {
  readonly change: Change
  readonly ref: Ref
}

interface Remembered extends Admitted {
  readonly at: number
  readonly bytes: number
}

/** What is under way in a namespace at one moment; see {@link RecentChanges.momentOf}. */
export interface Moment {
  /** Changes that were admitted and that the view does not have yet. */
  readonly unseen: readonly Admitted[]
  /** How many changes were admitted until then, in all namespaces. */
  readonly count: number
}

/**
 * The changes that were admitted in the last two seconds: their writes may still be under way, and no watch tells of
 * them. The oldest are forgotten where they take too much memory.
 */
export class RecentChanges {
  readonly #now: () => number
  /** By object, in the order in which they were admitted; and the same by namespace. */
  readonly #admitted = new Map<string, Remembered>()
  readonly #byNamespace = new Map<string, Map<string, Remembered>>()
  #count = 0
  #bytes = 0

  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  /** Remembers an admitted change, in place of an earlier one of the same object; `bytes` is the review's size. */
  add(change: Change, bytes: number): void {
    const ref = changedRef(change)
    const key = keyOf(ref)
    const kept = keptOf(change, this.#admitted.get(key)?.change)
    const entry = { change: kept, ref, at: this.#now(), bytes }
    this.#forget(key)
    this.#admitted.set(key, entry)
    const all = this.#byNamespace.get(ref.namespace) ?? new Map<string, Remembered>()
    this.#byNamespace.set(ref.namespace, all.set(key, entry))
    this.#bytes += bytes
    this.#count++
    this.#forgetOldest()
  }

  /**
   * What other changes than that of `subject` are under way in its namespace, as far as a view does not know. Where it
   * is the cache's, by which every later review is judged, what it has is forgotten.
   */
  momentOf(view: ClusterView, subject: Ref, isCache = false): Moment {
    this.#forgetOldest()
    const own = keyOf(subject)
    const unseen: Admitted[] = []
    for (const [key, admitted] of this.#byNamespace.get(subject.namespace) ?? []) {
      if (!isCache && key === own) continue
      if (!isSeen(admitted, view)) {
        if (key !== own) unseen.push(admitted)
      } else if (isCache) this.#forget(key)
    }
    return { unseen, count: this.#count }
  }

  /** Whether changes of other objects than `subject` in its namespace are remembered, be they seen or not. */
  hasOthers(subject: Ref): boolean {
    const all = this.#byNamespace.get(subject.namespace)
    return all !== undefined && all.size > (all.has(keyOf(subject)) ? 1 : 0)
  }

  /** How many changes were admitted until now, in all namespaces. */
  get count(): number {
    return this.#count
  }

  #forgetOldest(): void {
    const since = this.#now() - keptMs
    for (const [key, { at }] of this.#admitted) {
      if (at >= since && this.#bytes <= mostBytes) return
      this.#forget(key)
    }
  }

  #forget(key: string): void {
    const entry = this.#admitted.get(key)
    if (entry === undefined) return
    this.#admitted.delete(key)
    this.#bytes -= entry.bytes
    const all = this.#byNamespace.get(entry.ref.namespace)
    all?.delete(key)
    if (all?.size === 0) this.#byNamespace.delete(entry.ref.namespace)
  }
}

/**
 * What is kept of a change: of the old object its version alone. The new one as it was admitted before, where it is the
 * same: objects that replace each other all the time are garbage of the old generation, and to collect that takes as
 * long as the whole cache is large.
 */
function keptOf({ before, after }: Change, earlier: Change | undefined): Change {
  const isSame =
    after !== undefined
    && earlier?.after !== undefined
    && differenceOf(readByRules(earlier.after), after) === 'none'
  return { before: before && versionOf(before), after: isSame ? earlier.after : after }
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
function isSeen({ change, ref }: Admitted, view: ClusterView): boolean {
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
