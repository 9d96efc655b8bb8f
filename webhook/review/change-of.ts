import { CanaryError } from '../../shared/objects/canary-error.ts'
import type { KubeObject } from '../../shared/objects/kube-object.ts'
import { kindOf } from '../../shared/objects/kinds.ts'
import type { Change } from '../../shared/view/change.ts'
import type { AdmissionRequest } from '../admission/decode-review.ts'

/**
 * The change that a request asks for; undefined where it changes nothing that we judge (another API's kind, a
 * subresource, CONNECT). Throws a
 * CanaryError `unreadable` where the object that the operation needs is missing.
 */
export function changeOf(request: AdmissionRequest): Change | undefined {
  const { operation, subResource, object, oldObject } = request
  if (subResource !== '' || kindOf(request) === undefined) return undefined
  switch (operation) {
    case 'CREATE':
      return { after: needed(object, request) }
    case 'UPDATE':
      return { before: needed(oldObject, request), after: needed(object, request) }
    case 'DELETE':
      return { before: needed(oldObject, request) }
    case 'CONNECT':
      return undefined
    default:
      throw new CanaryError('unreadable', 'the operation is none of the admission API')
  }
}

const workloadKinds: ReadonlySet<string> = new Set(['Deployment', 'StatefulSet', 'DaemonSet'])

/**
 * Whether a workload is deleted or scaled to zero. Nobody does that by mistake for a label, and `kubectl
 * delete -f folder` does it in any order: that
 * routes lead to nothing afterwards is worth a warning, not a refusal.
 */
export function isTeardown({ before, after }: Change): boolean {
  if (before === undefined || !workloadKinds.has(before.kind)) return false
  return after === undefined || (isAtZero(after) && !isAtZero(before))
}

const isAtZero = (object: KubeObject): boolean =>
  (Reflect.get(object, 'spec') as { readonly replicas?: unknown } | undefined)?.replicas === 0

function needed(object: KubeObject | undefined, { operation, kind }: AdmissionRequest): KubeObject {
  if (object === undefined)
    throw new CanaryError('unreadable', `the ${operation} of a ${kind} came without the object`)
  return object
}
