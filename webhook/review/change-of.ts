import { CanaryError } from '../../shared/objects/canary-error.ts'
import type { KubeObject } from '../../shared/objects/kube-object.ts'
import { kindOf } from '../../shared/objects/kinds.ts'
import type { Change } from '../../shared/view/change.ts'
import { withoutNulls } from '../../shared/view/without-nulls.ts'
import type { AdmissionRequest } from './admission-request.ts'

/**
 * The change that a request makes; undefined if it does not apply to the rules (an unknown kind, a subresource,
 * CONNECT). Throws a CanaryError `unreadable` if an object that the operation needs is missing.
 */
export function changeOf(request: AdmissionRequest): Change | undefined {
  if (last?.request !== request) last = { request, change: readChange(request) }
  return last.change
}

/**
 * The change of the last request: each review asks for it several times. It is not in a WeakMap:
 * entries of a WeakMap survive the quick garbage collections, and the full ones that remove them take longer the larger
 * the cache is.
 */
let last: { readonly request: AdmissionRequest; readonly change: Change | undefined } | undefined

function readChange(request: AdmissionRequest): Change | undefined {
  const { operation, subResource, object, oldObject } = request
  if (subResource !== '' || kindOf(request) === undefined) return undefined
  switch (operation) {
    case 'CREATE':
      return { after: required(object, request) }
    case 'UPDATE':
      return { before: required(oldObject, request), after: required(object, request) }
    case 'DELETE':
      return { before: required(oldObject, request) }
    case 'CONNECT':
      return undefined
    default:
      throw new CanaryError('unreadable', 'the operation is not one of the admission API')
  }
}

const workloadKinds: ReadonlySet<string> = new Set(['Deployment', 'StatefulSet', 'DaemonSet'])

/**
 * Whether a workload is deleted or scaled to zero. That is intended, unlike a lost label, and `kubectl delete -f
 * folder` does it in any order, so routes that lead to nothing afterwards are a warning, not a denial.
 */
export function isTeardown({ before, after }: Change): boolean {
  if (before === undefined || !workloadKinds.has(before.kind)) return false
  return after === undefined || (isAtZero(after) && !isAtZero(before))
}

const isAtZero = (object: KubeObject): boolean =>
  (Reflect.get(object, 'spec') as { readonly replicas?: unknown } | undefined)?.replicas === 0

function required(object: KubeObject | undefined, { operation, kind }: AdmissionRequest): KubeObject {
  if (object === undefined)
    throw new CanaryError('unreadable', `the ${operation} of a ${kind} does not contain the object`)
  // As the API server stores it: it drops a null that the schema does not allow.
  return withoutNulls(object) as KubeObject
}
