import type { KubeObject } from '../../shared/objects/kube-object.ts'
import type { ClusterView } from '../../shared/view/cluster-view.ts'
import type { AdmissionRequest } from '../admission/decode-review.ts'
import type { ReviewSettings } from './settings.ts'

/** Why a request is let through without being judged; the words of the log and the metrics. */
export type Passage =
  | 'not-ours'
  | 'being-deleted'
  | 'controller'
  | 'exempt-user'
  | 'namespace-terminating'
  | 'namespace-opted-out'

/**
 * The label by which a namespace opts out, with the value `disabled`; the audit still reports what is in it.
 */
export const optOutLabel = 'kubectl-canary/guard'

// The last one is who they both are where kube-controller-manager runs without
// --use-service-account-credentials.
const controllers: ReadonlySet<string> = new Set([
  'system:serviceaccount:kube-system:generic-garbage-collector',
  'system:serviceaccount:kube-system:namespace-controller',
  'system:kube-controller-manager',
])

/**
 * Why the request passes whatever it does, if it does. What hinders a deletion that has begun helps nobody.
 */
export function passageOf(
  request: AdmissionRequest,
  view: ClusterView,
  { exemptUsers }: ReviewSettings,
): Passage | undefined {
  const { operation, user, object, namespace } = request
  if (operation === 'UPDATE' && isBeingDeleted(object)) return 'being-deleted'
  if (operation === 'DELETE' && controllers.has(user)) return 'controller'
  if (exemptUsers.includes(user)) return 'exempt-user'
  if (isTerminating(view, namespace)) return 'namespace-terminating'
  if (hasOptedOut(view, namespace)) return 'namespace-opted-out'
  return undefined
}

/** Whether somebody has already asked for the object's deletion. */
export const isBeingDeleted = (object: KubeObject | undefined): boolean =>
  object?.metadata.deletionTimestamp !== undefined

/** Whether a namespace is on its way out, so that nothing in it can break any more. */
export function isTerminating(view: ClusterView, namespace: string): boolean {
  const object = view.get({ kind: 'Namespace', namespace: '', name: namespace })
  return isBeingDeleted(object) || object?.status?.phase === 'Terminating'
}

/** Whether a namespace has the label that takes it out of the guard's care. */
export const hasOptedOut = (view: ClusterView, namespace: string): boolean =>
  view.get({ kind: 'Namespace', namespace: '', name: namespace })?.metadata.labels?.[optOutLabel]
  === 'disabled'
