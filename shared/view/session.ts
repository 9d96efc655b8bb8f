import type { ClusterView } from './cluster-view.ts'

type Known = Map<object, Map<unknown, unknown>>

const sessions = new WeakMap<ClusterView, Known>()

/**
 * The view for the length of one judgement, during which nothing in it changes: what rules derive from it is derived once, in `once`.
 * A view that lives on (a watch updates it in place) must not be asked through an old session.
 */
export function sessionOf(view: ClusterView): ClusterView {
  const session: ClusterView = {
    mesh: view.mesh,
    unread: view.unread,
    get: ref => view.get(ref),
    list: (kind, namespace) => view.list(kind, namespace),
    find: (index, key) => view.find(index, key),
  }
  sessions.set(session, new Map())
  return session
}

/** Derives a value under a topic and a key once per session, and every time where the view is none. */
// oxlint-disable-next-line max-params -- topic and key are one name in two parts
export function once<T>(view: ClusterView, topic: object, key: string | object, derive: () => T): T {
  const known = sessions.get(view)
  if (known === undefined) return derive()
  let values = known.get(topic)
  if (values === undefined) known.set(topic, values = new Map())
  if (values.has(key)) return values.get(key) as T
  const value = derive()
  values.set(key, value)
  return value
}
