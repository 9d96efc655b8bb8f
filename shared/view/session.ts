import type { KubeObject, Ref } from '../objects/kube-object.ts'
import type { Kind, ObjectOf } from '../objects/kinds.ts'
import type { ClusterView, Index } from './cluster-view.ts'
import type { MeshSettings } from './mesh.ts'

/** Is told what each question of a judgement costs, and throws {@link Spent} when it is too much. */
export type Meter = (cost: number) => void

/** A judgement has cost what it may. */
export class Spent extends Error {}

/**
 * A meter that lets so much pass. Cost is counted and not timed, so that one object is judged alike on every
 * machine.
 */
export function meterOf(most: number): Meter {
  let spent = 0
  return cost => {
    spent += cost
    if (spent > most) throw new Spent('it takes too much to judge')
  }
}

const none: ReadonlyMap<string, KubeObject> = new Map()

/** Tells the session's meter of a cost that no question shows. */
export function charge(view: ClusterView, cost: number): void {
  if (view instanceof JudgementSession) view.meter(cost)
}

/** What is derived is kept until the session ends, and so costs more than a question. */
const costOfDeriving = 4

/**
 * The view for the length of one judgement, during which nothing in it changes: what rules derive from it is
 * derived once, in `once`.
 * A view that lives on (a watch updates it in place) must not be asked through an old session. The meter is
 * notified of each lookup, as
 * dear as its answer is long.
 */
export const sessionOf = (view: ClusterView, meter: Meter = () => undefined): ClusterView =>
  new JudgementSession(view, meter)

/**
 * What is derived is kept here and not by a WeakMap of sessions, whose values would outlive the quick garbage
 * collections.
 */
class JudgementSession implements ClusterView {
  readonly mesh: MeshSettings
  readonly unread: ReadonlySet<Kind>
  readonly absent: ReadonlySet<Kind> | undefined
  readonly former: ReadonlyMap<string, KubeObject>
  readonly meter: Meter
  readonly known = new Map<object, Map<unknown, unknown>>()
  readonly #below: ClusterView

  constructor(below: ClusterView, meter: Meter) {
    this.#below = below
    this.meter = meter
    this.mesh = below.mesh
    this.unread = below.unread
    this.absent = below.absent
    this.former = below.former ?? none
  }

  get<K extends Kind>(ref: Ref<K>): ObjectOf<K> | undefined {
    this.meter(1)
    return this.#below.get(ref)
  }

  list<K extends Kind>(kind: K, namespace?: string): readonly ObjectOf<K>[] {
    return this.#metered(this.#below.list(kind, namespace))
  }

  find<K extends Kind>(index: Index<K>, key: string): readonly ObjectOf<K>[] {
    return this.#metered(this.#below.find(index, key))
  }

  #metered<T>(objects: readonly T[]): readonly T[] {
    this.meter(1 + objects.length)
    return objects
  }
}

/** The name of a derived value: a topic, usually the function that derives it, and what it is derived of. */
export type Derivation = readonly [topic: object, key: string | object]

/** Derives a value under its name once per session, and every time where the view is not a session. */
export function once<T>(view: ClusterView, [topic, key]: Derivation, derive: () => T): T {
  if (!(view instanceof JudgementSession)) return derive()
  const { known, meter } = view
  let values = known.get(topic)
  if (values === undefined) known.set(topic, (values = new Map()))
  const found = values.get(key)
  // Two look-ups only of what was derived as undefined.
  if (found !== undefined || values.has(key)) {
    meter(1)
    return found as T
  }
  meter(costOfDeriving)
  const value = derive()
  values.set(key, value)
  return value
}

/**
 * The view itself where it is a session, else a session over it, so that what is derived within one piece of
 * work is derived once.
 */
export const inSession = (view: ClusterView): ClusterView =>
  view instanceof JudgementSession ? view : sessionOf(view)
