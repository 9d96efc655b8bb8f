import type { KubeObject, Ref } from '../../objects/kube-object.ts'
import type { ExactPatch } from '../../view/change.ts'
import { apiPath, versionOf } from '../api-path.ts'

/** The body of a patch that is to be sent as it is. */
export const exactly = (
  { isUnbound }: ExactPatch,
  body: NonNullable<ExactPatch['body']>,
  before: KubeObject,
): object => (isUnbound === true ? body : bound(body, before))

/** Where a patch is sent, and in which form. */
export function sendingOf(ref: Ref, before: KubeObject, exact: ExactPatch | undefined) {
  const path = apiPath(ref.kind, versionOf(before.apiVersion), ref)
  const { type = 'merge', subresource } = exact ?? {}
  return { type, path: subresource === undefined ? path : `${path}/${subresource}` }
}

/**
 * A patch with the version that was read: a server that has another one answers 409 to both forms, as it would not to
 * the operation `test` (422).
 */
function bound(body: NonNullable<ExactPatch['body']>, { metadata }: KubeObject): object {
  const { resourceVersion } = metadata
  if (resourceVersion === undefined) return body
  return isOperations(body)
    ? [{ op: 'replace', path: '/metadata/resourceVersion', value: resourceVersion }, ...body]
    : { ...body, metadata: { ...(body['metadata'] as object | undefined), resourceVersion } }
}

const isOperations = (body: object): body is readonly object[] => Array.isArray(body)
