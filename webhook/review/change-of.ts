import { CanaryError } from '../../shared/objects/canary-error.ts'
import type { KubeObject } from '../../shared/objects/kube-object.ts'
import { kindOf } from '../../shared/objects/kinds.ts'
import type { Change } from '../../shared/view/change.ts'
import type { AdmissionRequest } from './admission.ts'

/**
 * The change that a request asks for; undefined where it changes nothing that we judge (another API's kind, a subresource, CONNECT). Throws a
 * CanaryError `unreadable` where the object that the operation needs is missing.
 */
export function changeOf(request: AdmissionRequest): Change | undefined {
  const { operation, subResource, object, oldObject } = request
  if (subResource !== '' || kindOf(request) === undefined) return undefined
  switch (operation) {
    case 'CREATE': return { after: needed(object, request) }
    case 'UPDATE': return { before: needed(oldObject, request), after: needed(object, request) }
    case 'DELETE': return { before: needed(oldObject, request) }
    case 'CONNECT': return undefined
    default: throw new CanaryError('unreadable', 'the operation is none of the admission API')
  }
}

function needed(object: KubeObject | undefined, { operation, kind }: AdmissionRequest): KubeObject {
  if (object === undefined) throw new CanaryError('unreadable', `the ${operation} of a ${kind} came without the object`)
  return object
}
