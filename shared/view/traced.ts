import type { KubeObject, Ref } from '../objects/kube-object.ts'
import type { Kind, ObjectOf } from '../objects/kinds.ts'
import { changedRef, type Change } from './change.ts'
import type { ClusterView, Index } from './cluster-view.ts'
import { indexKeysOf } from './index-table.ts'
import type { MeshSettings } from './mesh.ts'

type Answer = readonly KubeObject[]
type Known<T, K, V> = Map<T, Map<K, V>>

/**
 * A view that notes what it is asked and what it answers, so that it can be told later whether something derived from
 * it still holds. It asks the view below each question once: nothing in that may change meanwhile.
 */
export class TracedView implements ClusterView {
  readonly mesh: MeshSettings
  readonly unread: ReadonlySet<Kind>
  readonly absent: ReadonlySet<Kind> | undefined
  readonly #below: ClusterView
  readonly #gets: Known<Kind, string, { readonly ref: Ref; readonly found: KubeObject | undefined }> =
    new Map()
  readonly #lists: Known<Kind, string | undefined, Answer> = new Map()
  readonly #finds: Known<Index, string, Answer> = new Map()
  /** What else it rests on: the questions of something that was derived from the same view and is used again. */
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
    const known = mapIn(this.#gets, ref.kind)
    const key = `${ref.namespace}/${ref.name}`
    let answer = known.get(key)
    if (answer === undefined) {
      this.#size += 2
      known.set(key, (answer = { ref, found: this.#below.get(ref) }))
    }
    return answer.found as ObjectOf<K> | undefined
  }

  list<K extends Kind>(kind: K, namespace?: string): readonly ObjectOf<K>[] {
    const known = mapIn(this.#lists, kind)
    let answer = known.get(namespace)
    if (answer === undefined) known.set(namespace, (answer = this.#noted(this.#below.list(kind, namespace))))
    return answer as readonly ObjectOf<K>[]
  }

  find<K extends Kind>(index: Index<K>, key: string): readonly ObjectOf<K>[] {
    const known = mapIn(this.#finds, index as unknown as Index)
    let answer = known.get(key)
    if (answer === undefined) known.set(key, (answer = this.#noted(this.#below.find(index, key))))
    return answer as readonly ObjectOf<K>[]
  }

  /**
   * Whether another view gives the same answers: then what was derived from this one holds for it. Objects are told
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
    const lists = this.#lists.get(ref.kind)
    return (
      this.#gets.get(ref.kind)?.has(`${ref.namespace}/${ref.name}`) === true
      || lists?.has(undefined) === true
      || lists?.has(ref.namespace) === true
      || states.some(object => object !== undefined && this.#isFoundBy(ref.kind, object))
      || this.#parts.some(part => part.#isAskedFor(ref, states))
    )
  }

  /** Whether an object has a key that was asked for. */
  #isFoundBy(kind: Kind, object: KubeObject): boolean {
    for (const [index, known] of this.#finds)
      if (index.kind === kind && indexKeysOf(index, object, this.mesh).list.some(key => known.has(key)))
        return true
    return false
  }

  #answersAs(other: ClusterView, isOwn: (object: KubeObject) => boolean): boolean {
    const isSame = (was: KubeObject | undefined, is: KubeObject | undefined): boolean =>
      was === is || (was !== undefined && is !== undefined && isOwn(was) && isOwn(is))
    const areSame = (was: Answer, is: Answer): boolean =>
      was.length === is.length && was.every((object, i) => isSame(object, is[i]))
    return (
      other.mesh === this.mesh
      && other.unread === this.unread
      && every(this.#gets, (_kind, _key, { ref, found }) => isSame(found, other.get(ref)))
      && every(this.#finds, (index, key, answer) => areSame(answer, other.find(index, key)))
      && every(this.#lists, (kind, namespace, answer) => areSame(answer, other.list(kind, namespace)))
    )
  }

  #noted<T extends Answer>(answer: T): T {
    this.#size += 1 + answer.length
    return answer
  }
}

function mapIn<T, K, V>(maps: Known<T, K, V>, topic: T): Map<K, V> {
  let found = maps.get(topic)
  if (found === undefined) maps.set(topic, (found = new Map()))
  return found
}

function every<T, K, V>(maps: Known<T, K, V>, holds: (topic: T, key: K, value: V) => boolean): boolean {
  for (const [topic, values] of maps)
    for (const [key, value] of values) if (!holds(topic, key, value)) return false
  return true
}
