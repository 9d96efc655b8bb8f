import { kindOf } from '../../shared/objects/kinds.ts'
import type { KubeObject } from '../../shared/objects/kube-object.ts'
import type { ClusterView } from '../../shared/view/cluster-view.ts'
import type { AdmissionRequest } from './admission-request.ts'
import { isOptedOut } from './exempt/opt-out.ts'
import type { ReviewSettings } from './settings.ts'

/** Why a request bypasses the rules, as the log says it. */
export type Bypass =
  | 'not-applicable'
  | 'being-deleted'
  | 'controller'
  | 'exempt-user'
  | 'namespace-terminating'
  | 'namespace-opted-out'

// Without --use-service-account-credentials both controllers are the user of the last line.
const controllers: ReadonlySet<string> = new Set([
  'system:serviceaccount:kube-system:generic-garbage-collector',
  'system:serviceaccount:kube-system:namespace-controller',
  'system:kube-controller-manager',
])

/** Why the request bypasses the rules, if it does. A denial must not block a deletion that has begun. */
export function bypassOf(
  request: AdmissionRequest,
  view: ClusterView,
  { exemptUsers }: ReviewSettings,
): Bypass | undefined {
  const { operation, user, object, oldObject, namespace } = request
  if (isBeingDeleted(operation === 'DELETE' ? oldObject : object)) return 'being-deleted'
  if (operation === 'DELETE' && controllers.has(user)) return 'controller'
  if (exemptUsers.includes(user)) return 'exempt-user'
  // The object itself decides, which the cache may lag behind.
  if (kindOf(request) === 'Namespace') return undefined
  if (isTerminating(view, namespace)) return 'namespace-terminating'
  if (hasOptedOut(view, namespace)) return 'namespace-opted-out'
  return undefined
}

/** Whether the object's deletion has begun. */
export const isBeingDeleted = (object: KubeObject | undefined): boolean =>
  object?.metadata.deletionTimestamp !== undefined

/** Whether a namespace is terminating, so that nothing in it can break. */
export function isTerminating(view: ClusterView, namespace: string): boolean {
  const object = view.get({ kind: 'Namespace', namespace: '', name: namespace })
  return isBeingDeleted(object) || object?.status?.phase === 'Terminating'
}

/** Whether a namespace has the label that opts it out. */
export const hasOptedOut = (view: ClusterView, namespace: string): boolean =>
  isOptedOut(view.get({ kind: 'Namespace', namespace: '', name: namespace }))
