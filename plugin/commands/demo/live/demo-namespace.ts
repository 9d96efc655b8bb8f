import { CanaryError } from '../../../../shared/objects/canary-error.ts'
import type { KubeObject } from '../../../../shared/objects/kube-object.ts'
import type { ClusterName, ServerAnswer, Store } from '../../../../shared/view/store.ts'
import { fieldsOf, textOf } from '../../../../shared/objects/unchecked.ts'
import type { Session } from '../../../session.ts'
import { demoLabel } from './demo-objects.ts'

/** The namespace where none is named. */
const defaultNamespace = 'canary-demo'

/** A namespace of a cluster, where the demo is or will be. */
export interface LiveDemo {
  readonly store: Store
  readonly cluster: ClusterName
  readonly namespace: string
  /** The command that removes it. */
  readonly clean: string
}

/** The namespace that is meant: that of `-n`, never that of the kubeconfig. Nothing is asked yet. */
export async function liveDemo(session: Session): Promise<LiveDemo> {
  const namespace = session.flags.namespace ?? defaultNamespace
  const store = await session.store()
  const { cluster } = store
  if (cluster === undefined || store.request === undefined) throw new TypeError('the store is no cluster')
  const named = namespace === defaultNamespace ? '' : ` -n ${namespace}`
  return { store, cluster, namespace, clean: `kubectl canary demo --clean${named}${cluster.flags}` }
}

/** A cluster as people know it. */
export const nameOfCluster = ({ server, context }: ClusterName): string =>
  context === '' ? server : `${context} (${server})`

/** The namespace as it is on the cluster; undefined where there is none. Throws a CanaryError where it may not be read. */
export async function readDemoNamespace({
  store,
  cluster,
  namespace,
}: LiveDemo): Promise<KubeObject | undefined> {
  // Says what is wrong with the credentials, where something is.
  await store.read({ namespaces: [namespace], kinds: ['Namespace'] })
  const answer = await store.request!({ path: `/api/v1/namespaces/${namespace}` })
  if (answer.status === 200)
    return { apiVersion: 'v1', kind: 'Namespace', ...(JSON.parse(answer.text) as object) } as KubeObject
  if (answer.status === 404) return undefined
  throw new CanaryError(
    answer.status === 403 ? 'forbidden' : 'failed',
    `Namespace ${namespace} cannot be read: ${messageOf(answer)}`,
    {
      hints: [
        `The demo needs the right to make a namespace: kubectl auth can-i create namespaces${cluster.flags}`,
        'Without a cluster: kubectl canary demo',
      ],
    },
  )
}

/** Whether the demo made a namespace. */
export const isDemos = ({ metadata }: KubeObject): boolean => metadata.labels?.[demoLabel] === 'true'

/** Throws a CanaryError `refused` for a namespace that somebody else made. */
export function refuseOthers(object: KubeObject): void {
  if (isDemos(object)) return
  throw new CanaryError(
    'refused',
    `Namespace ${object.metadata.name} was not made by kubectl canary demo: it has no label ${demoLabel}=true`,
    { hints: ['Name one that does not exist: kubectl canary demo --live -n NAME'] },
  )
}

/** The API server's own words, else the status. */
function messageOf({ status, text }: ServerAnswer): string {
  try {
    return textOf(fieldsOf(JSON.parse(text))['message']) ?? `status ${status}`
  } catch {
    return `status ${status}`
  }
}
