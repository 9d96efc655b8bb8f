import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import { controllerOf } from '../../../shared/objects/kube-object.ts'
import { fieldsOf, itemsOf, textOf } from '../../../shared/objects/unchecked.ts'
import type { Store } from '../../../shared/view/store.ts'
import type { PlainService } from './plain-service.ts'

/** A revision of a Deployment: a ReplicaSet that it made for a pod template. */
export interface DeploymentRevision {
  readonly deployment: string
  readonly revision: number
  /** RFC 3339, of its ReplicaSet. */
  readonly at: string
  readonly images: readonly string[]
  /** The annotation `kubernetes.io/change-cause`. */
  readonly cause?: string
  /** The ReplicaSet as the server has it. */
  readonly object: KubeObject
}

const revisionAnnotation = 'deployment.kubernetes.io/revision'

/**
 * The revisions of the Deployments behind a Service, the oldest first, as `kubectl rollout history` reads them; none
 * where they may not be read.
 */
export async function readRevisions(
  store: Store,
  { service, deployments }: PlainService,
): Promise<readonly DeploymentRevision[]> {
  const answer = await store.request?.({
    path: `/apis/apps/v1/namespaces/${encodeURIComponent(service.namespace)}/replicasets`,
  })
  if (answer?.status !== 200) return []
  const { items } = fieldsOf(JSON.parse(answer.text))
  const owners = new Map(deployments.map(({ metadata: { uid, name } }) => [uid, name]))
  return (itemsOf(items) as readonly KubeObject[])
    .flatMap(object => revisionOf(object, owners) ?? [])
    .toSorted((a, b) => a.revision - b.revision)
}

function revisionOf(
  object: KubeObject,
  owners: ReadonlyMap<string | undefined, string>,
): DeploymentRevision | undefined {
  const { annotations = {}, creationTimestamp } = object.metadata
  const deployment = owners.get(controllerOf(object)?.uid)
  const revision = Number(annotations[revisionAnnotation])
  if (deployment === undefined || !Number.isInteger(revision) || revision < 1) return undefined
  const template = fieldsOf(fieldsOf(fieldsOf(Reflect.get(object, 'spec'))['template'])['spec'])
  const images = itemsOf(template['containers']).flatMap(item => textOf(fieldsOf(item)['image']) ?? [])
  const cause = textOf(annotations['kubernetes.io/change-cause'])
  return {
    deployment,
    revision,
    at: creationTimestamp ?? '',
    images,
    ...(cause !== undefined && { cause }),
    object,
  }
}
