import type { KubeObject, Ref } from '../objects/kube-object.ts'
import type { Kind, ObjectOf } from '../objects/kinds.ts'
import { changedRef, type Change } from './change.ts'
import type { ClusterView, Index } from './cluster-view.ts'
import { isUnder } from './index-table.ts'
import type { MeshSettings } from './mesh.ts'

/** One object as it is, several as their list: most answers are one object, and a list for each would be kept with it. */
type Answer = KubeObject | readonly KubeObject[] | undefined

const none: readonly KubeObject[] = []
const noteOf = (objects: readonly KubeObject[]): Answer =>
  objects.length === 1 ? objects[0] : objects.length === 0 ? none : objects
const objectsOf = (answer: Answer): readonly KubeObject[] =>
  Array.isArray(answer)
    ? (answer as readonly KubeObject[])
    : answer === undefined
      ? []
      : [answer as KubeObject]

/** Questions of one sort and their answers, in lists side by side: thousands of judgements are kept with theirs. */
class Notes<Q, K> {
  readonly topics: Q[] = []
  readonly keys: K[] = []
  readonly answers: Answer[] = []

  add(topic: Q, key: K, answer: Answer): void {
    this.topics.push(topic)
    this.keys.push(key)
    this.answers.push(answer)
  }

  some(is: (topic: Q, key: K) => boolean): boolean {
    return this.topics.some((topic, i) => is(topic, this.keys[i]!))
  }

  every(holds: (topic: Q, key: K, answer: Answer) => boolean): boolean {
    return this.topics.every((topic, i) => holds(topic, this.keys[i]!, this.answers[i]))
  }
}

/**
 * A view that notes what it is asked and what it answers, so that it can be told later whether something derived from
 * it still holds. Nothing in the view below may change while it is asked.
 */
export class TracedView implements ClusterView {
  readonly mesh: MeshSettings
  readonly unread: ReadonlySet<Kind>
  readonly absent: ReadonlySet<Kind> | undefined
  readonly #below: ClusterView
  readonly #gets = new Notes<Ref, undefined>()
  readonly #lists = new Notes<Kind, string | undefined>()
  readonly #finds = new Notes<Index, string>()
  /** The keys of so many of them, by index. */
  #sorted:
    | { readonly count: number; readonly byKind: ReadonlyMap<Kind, ReadonlyMap<Index, ReadonlySet<string>>> }
    | undefined
  /** What else it depends on: the questions of something that was derived from the same view and is used again. */
  readonly #parts: TracedView[] = []
  #size = 0
  /** That of the view below when its answers were last known to be these. */
  #version: number | undefined

  constructor(below: ClusterView) {
    this.#below = below
    this.#version = below.version
    this.mesh = below.mesh
    this.unread = below.unread
    this.absent = below.absent
  }

  /** How many questions were asked, and objects answered. */
  get size(): number {
    return this.#size
  }

  /** The view that is asked. */
  get below(): ClusterView {
    return this.#below
  }

  get<K extends Kind>(ref: Ref<K>): ObjectOf<K> | undefined {
    const found = this.#below.get(ref)
    this.#size += 2
    this.#gets.add(ref, undefined, found)
    return found
  }

  list<K extends Kind>(kind: K, namespace?: string): readonly ObjectOf<K>[] {
    const found = this.#below.list(kind, namespace)
    this.#size += 1 + found.length
    this.#lists.add(kind, namespace, noteOf(found))
    return found
  }

  find<K extends Kind>(index: Index<K>, key: string): readonly ObjectOf<K>[] {
    const found = this.#below.find(index, key)
    this.#size += 1 + found.length
    this.#finds.add(index, key, noteOf(found))
    return found
  }

  /**
   * Whether another view gives the same answers: then what was derived from this one applies to it. Objects are told
   * apart by identity, as they are never changed in place; one that `isOwn` counts as the same whatever it contains,
   * because the change under review replaces it.
   */
  holdsIn(other: ClusterView, isOwn: (object: KubeObject) => boolean): boolean {
    const isBelow = other === this.#below && other.version !== undefined
    if (isBelow && other.version === this.#version) return true
    const holds = this.#answersAs(other, isOwn)
    if (holds && isBelow) this.#version = other.version
    return holds
  }

  /** Notes that what is derived from this view rests on these questions, too. */
  include(part: TracedView): void {
    this.#parts.push(part)
  }

  /** Whether nothing has changed in the view below since it was asked first; false where that does not tell. */
  isCurrent(): boolean {
    return this.#version !== undefined && this.#version === this.#below.version
  }

  /**
   * Whether the view below would give another answer to some question if a change were made in it. Told by the keys by
   * which objects are indexed, so that it takes as long as the changed object has keys, whatever was asked.
   */
  isAlteredBy(change: Change, ref: Ref = changedRef(change)): boolean {
    const { after } = change
    const now = this.#below.get(ref)
    return now !== after && this.#isAskedFor(ref, [now, after])
  }

  /** Whether an object is an answer in one of its states. */
  #isAskedFor(ref: Ref, states: readonly (KubeObject | undefined)[]): boolean {
    return (
      this.#gets.some(asked => isSameRef(asked, ref))
      || this.#lists.some((kind, of) => kind === ref.kind && (of === undefined || of === ref.namespace))
      || states.some(object => object !== undefined && this.#isFoundBy(ref.kind, object))
      || this.#parts.some(part => part.#isAskedFor(ref, states))
    )
  }

  /** Whether an object has a key that was asked for. */
  #isFoundBy(kind: Kind, object: KubeObject): boolean {
    const keys = this.#keysOf(kind)
    return keys !== undefined && isUnder(keys, object, this.mesh)
  }

  /** The keys that were asked for, by the indexes of a kind; sorted when they are first needed. */
  #keysOf(kind: Kind): ReadonlyMap<Index, ReadonlySet<string>> | undefined {
    if (this.#sorted?.count !== this.#finds.topics.length) {
      const byKind = new Map<Kind, Map<Index, Set<string>>>()
      for (const [i, index] of this.#finds.topics.entries()) {
        const indexes = mapIn(byKind, index.kind, () => new Map<Index, Set<string>>())
        mapIn(indexes, index, () => new Set<string>()).add(this.#finds.keys[i]!)
      }
      this.#sorted = { count: this.#finds.topics.length, byKind }
    }
    return this.#sorted.byKind.get(kind)
  }

  #answersAs(other: ClusterView, isOwn: (object: KubeObject) => boolean): boolean {
    const isSame = (was: KubeObject | undefined, is: KubeObject | undefined): boolean =>
      was === is || (was !== undefined && is !== undefined && isOwn(was) && isOwn(is))
    const areSame = (answer: Answer, is: readonly KubeObject[]): boolean => {
      const was = objectsOf(answer)
      return was.length === is.length && was.every((object, i) => isSame(object, is[i]))
    }
    return (
      other.mesh === this.mesh
      && other.unread === this.unread
      && this.#gets.every((ref, _, found) => isSame(found as KubeObject | undefined, other.get(ref)))
      && this.#finds.every((index, key, answer) => areSame(answer, other.find(index, key)))
      && this.#lists.every((kind, namespace, answer) => areSame(answer, other.list(kind, namespace)))
    )
  }
}

const isSameRef = (one: Ref, other: Ref): boolean =>
  one.kind === other.kind && one.name === other.name && one.namespace === other.namespace

function mapIn<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let found = map.get(key)
  if (found === undefined) map.set(key, (found = make()))
  return found
}
