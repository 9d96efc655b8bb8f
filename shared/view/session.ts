import type { ClusterView } from './cluster-view.ts'

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

/** Tells the session's meter of a cost that no question shows. */
export const charge = (view: ClusterView, cost: number): void => sessions.get(view)?.meter(cost)

interface SessionState {
  readonly meter: Meter
  readonly known: Map<object, Map<unknown, unknown>>
}

const sessions = new WeakMap<ClusterView, SessionState>()

/** What is derived is kept until the session ends, and so costs more than a question. */
const costOfDeriving = 4

/**
 * The view for the length of one judgement, during which nothing in it changes: what rules derive from it is
 * derived once, in `once`.
 * A view that lives on (a watch updates it in place) must not be asked through an old session. The meter is
 * told of each question, as
 * dear as its answer is long.
 */
export function sessionOf(view: ClusterView, meter: Meter = () => undefined): ClusterView {
  const metered = <T>(objects: readonly T[]): readonly T[] => {
    meter(1 + objects.length)
    return objects
  }
  const session: ClusterView = {
    mesh: view.mesh,
    unread: view.unread,
    get: ref => {
      meter(1)
      return view.get(ref)
    },
    list: (kind, namespace) => metered(view.list(kind, namespace)),
    find: (index, key) => metered(view.find(index, key)),
  }
  sessions.set(session, { meter, known: new Map() })
  return session
}

/** The name of a derived value: a topic, usually the function that derives it, and what it is derived of. */
export type Derivation = readonly [topic: object, key: string | object]

/** Derives a value under its name once per session, and every time where the view is not a session. */
export function once<T>(view: ClusterView, [topic, key]: Derivation, derive: () => T): T {
  const session = sessions.get(view)
  if (session === undefined) return derive()
  const { known, meter } = session
  let values = known.get(topic)
  if (values === undefined) known.set(topic, (values = new Map()))
  if (values.has(key)) {
    meter(1)
    return values.get(key) as T
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
export const inSession = (view: ClusterView): ClusterView => (sessions.has(view) ? view : sessionOf(view))
