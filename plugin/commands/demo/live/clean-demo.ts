import type { KubeObject } from '../../../../shared/objects/kube-object.ts'
import type { Session } from '../../../session.ts'
import { liveDemo, readDemoNamespace, refuseOthers, type LiveDemo } from './demo-namespace.ts'

/** How long the cluster has to delete all that is in the namespace, and how often it is asked, in milliseconds. */
const [atMost, lookEvery] = [60_000, 1000]

/** `demo --clean`: deletes the namespace that the demo made, and waits until it is gone. */
export async function cleanDemo(session: Session): Promise<void> {
  const demo = await liveDemo(session)
  const { namespace, cluster } = demo
  const object = await readDemoNamespace(demo)
  if (object === undefined)
    return session.say(`Namespace ${namespace} is not there: there is nothing to remove.`)
  refuseOthers(object)
  await deleteNamespace(demo, object)
  for (let waited = 0; waited < atMost; waited += lookEvery) {
    if ((await readDemoNamespace(demo)) === undefined)
      return session.say(`Namespace ${namespace} is deleted, with all that was in it.`)
    if (waited === 0) session.note(`Namespace ${namespace} is being deleted.`)
    await session.streams.wait(lookEvery)
  }
  session.note(
    `note: Namespace ${namespace} is still being deleted; to look at it: kubectl get namespace ${namespace}${cluster.flags}`,
  )
}

/** Does nothing where it is being deleted already. */
export async function deleteNamespace({ store }: LiveDemo, object: KubeObject): Promise<void> {
  if (object.metadata.deletionTimestamp !== undefined) return
  // Its version changes by itself, as controllers write to it.
  const { resourceVersion: _, ...metadata } = object.metadata
  await store.apply([{ before: { ...object, metadata } }], { dryRun: 'none' })
}
