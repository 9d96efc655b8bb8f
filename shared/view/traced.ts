import type { KubeObject, Ref } from '../objects/kube-object.ts'
import type { Kind, ObjectOf } from '../objects/kinds.ts'
import type { ClusterView, Index } from './cluster-view.ts'
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
  readonly #below: ClusterView
  readonly #gets: Known<Kind, string, { readonly ref: Ref; readonly found: KubeObject | undefined }> =
    new Map()
  readonly #lists: Known<Kind, string | undefined, Answer> = new Map()
  readonly #finds: Known<Index, string, Answer> = new Map()
  #size = 0
  /** That of the view below when its answers were last known to be these. */
  #version: number | undefined

  constructor(below: ClusterView) {
    this.#below = below
    this.#version = below.version
    this.mesh = below.mesh
    this.unread = below.unread
  }

  /** How many questions were asked, and objects answered. */
  get size(): number {
    return this.#size
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
