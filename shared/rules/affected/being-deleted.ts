import type { Kind } from '../../objects/kinds.ts'
import { namespaceOf } from '../../objects/kube-object.ts'
import type { Index } from '../../view/cluster-view.ts'

/** The kinds that routes rest on and that a change of routes is judged by. */
const kinds: readonly Kind[] = ['DestinationRule', 'Service', 'Deployment', 'StatefulSet', 'DaemonSet']

/** Objects whose deletion has begun, by their namespace. A finalizer holds them, for a moment or for ever. */
export const beingDeletedByNamespace: readonly Index[] = kinds.map(kind => ({
  kind,
  keysOf: object => (object.metadata.deletionTimestamp === undefined ? [] : [namespaceOf(object)]),
}))
