import type { KubeObject } from '../../../../shared/objects/kube-object.ts'
import { keyOf } from '../../../../shared/objects/kube-object.ts'
import { refOf } from '../../../../shared/objects/kinds.ts'
import type { LiveDemo } from './demo-namespace.ts'

const kindsOfRoutes = ['VirtualService', 'DestinationRule'] as const

/** The routes of the demo at some time. */
export interface Routes {
  readonly objects: readonly KubeObject[]
  /** The revisions that the history of the catalog has, the oldest first. */
  readonly revisions: readonly number[]
}

/** The routes as they are now. */
export async function routesOf({ store, namespace }: LiveDemo): Promise<Routes> {
  const [{ view }, recorded] = await Promise.all([
    store.read({ namespaces: [namespace], kinds: kindsOfRoutes }),
    store.history!.list({ service: 'catalog', namespace }),
  ])
  return {
    objects: kindsOfRoutes
      .flatMap((kind): readonly KubeObject[] => view.list(kind, namespace))
      .toSorted((a, b) => (keyOf(refOf(a)) < keyOf(refOf(b)) ? -1 : 1)),
    revisions: recorded.changes.map(({ revision }) => revision),
  }
}

/** Writes the routes as they were; what is new is deleted, what is gone is made again. */
export async function setBack(
  { store }: LiveDemo,
  before: readonly KubeObject[],
  now: readonly KubeObject[],
): Promise<void> {
  const [old, current] = [before, now].map(
    objects => new Map(objects.map(object => [keyOf(refOf(object)), object])),
  )
  const changes = [...new Set([...old!.keys(), ...current!.keys()])].map(key => ({
    before: current!.get(key),
    after: old!.get(key),
  }))
  await store.apply(changes, { dryRun: 'none' })
}
