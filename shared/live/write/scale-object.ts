import { CanaryError } from '../../objects/canary-error.ts'
import { isKind } from '../../objects/kinds.ts'
import { keyOf, type KubeObject, type Ref } from '../../objects/kube-object.ts'
import { fieldsOf, numberOf } from '../../objects/unchecked.ts'
import { apiPath, versionOf } from '../api-path.ts'
import type { ApiResponse } from '../connection/connection.ts'

/** The replicas of a Deployment, where they are all that an edit changes. */
export interface Scaled {
  readonly from: number
  readonly to: number
}

/** What an edit makes of the replicas of a Deployment; undefined where it is about something else, too. */
export function scaledBy(before: KubeObject, patch: Readonly<Record<string, unknown>>): Scaled | undefined {
  const { metadata: _, ...rest } = patch
  const spec = fieldsOf(rest['spec'])
  const to = numberOf(spec['replicas'])
  if (to === undefined || Object.keys(rest).length !== 1 || Object.keys(spec).length !== 1) return undefined
  if (!isKind('Deployment', before) || isOfMetadata(patch)) return undefined
  return { from: numberOf(before.spec.replicas) ?? 1, to }
}

const isOfMetadata = ({ metadata }: Readonly<Record<string, unknown>>): boolean =>
  Object.keys(fieldsOf(metadata)).some(key => key !== 'resourceVersion')

/** How an object is scaled: asks the server, in a dry run where it is one. */
export interface Scaler {
  readonly get: (path: string) => Promise<ApiResponse>
  /** A merge patch, or with a list a JSON patch. */
  readonly patch: (path: string, body: object) => Promise<ApiResponse>
}

/** The status of a Deployment changes with each of its pods, and the version of its scale with it. */
const attempts = 8

/**
 * Sets the replicas as `kubectl scale --current-replicas` does, by the subresource scale: they must still be as they
 * were read, and nothing else of the object matters. A CanaryError `conflict` where they are not. Gives the refusal of
 * who may not, with the status 403.
 */
export async function scaleObject(
  { get, patch }: Scaler,
  { ref, before }: { readonly ref: Ref; readonly before: KubeObject },
  { from, to }: Scaled,
): Promise<ApiResponse> {
  const path = `${apiPath(ref.kind, versionOf(before.apiVersion), ref)}/scale`
  for (let attempt = 1; ; attempt++) {
    const now = await get(path)
    if (now.status === 404) throw changed(ref, 'deleted')
    if (now.status !== 200) return now
    const { metadata, spec } = fieldsOf(now.json())
    const { uid, resourceVersion } = fieldsOf(metadata)
    const isSame = before.metadata.uid === undefined || before.metadata.uid === uid
    if (!isSame || (numberOf(fieldsOf(spec)['replicas']) ?? 0) !== from) throw changed(ref, 'changed')
    const answer = await patch(path, { metadata: { resourceVersion }, spec: { replicas: to } })
    if (answer.status === 404) throw changed(ref, 'deleted')
    if (answer.status !== 409) return answer
    if (attempt === attempts) throw changed(ref, 'changed')
  }
}

/**
 * The same for who may patch the Deployment, but not its subresource: the replicas must still be as they were read, whatever
 * else of the object changed, as its status does with each of its pods.
 */
export async function patchReplicas(
  { get, patch }: Scaler,
  { ref, before }: { readonly ref: Ref; readonly before: KubeObject },
  { from, to }: Scaled,
): Promise<ApiResponse> {
  const { uid } = before.metadata
  const test = (at: string, value: unknown): object => ({ op: 'test', path: at, value })
  const path = apiPath(ref.kind, versionOf(before.apiVersion), ref)
  const answer = await patch(path, [
    ...(uid === undefined ? [] : [test('/metadata/uid', uid)]),
    test('/spec/replicas', from),
    { op: 'replace', path: '/spec/replicas', value: to },
  ])
  if (answer.status === 404) throw changed(ref, 'deleted')
  if (answer.status === 409) throw changed(ref, 'changed')
  // A test that fails is answered as any other refusal of the patch is.
  if (answer.status === 422) {
    const { metadata, spec } = fieldsOf((await get(path)).json())
    const isSame = uid === undefined || fieldsOf(metadata)['uid'] === uid
    if (!isSame || fieldsOf(spec)['replicas'] !== from) throw changed(ref, 'changed')
  }
  return answer
}

const changed = (ref: Ref, how: string): CanaryError =>
  new CanaryError('conflict', `${keyOf(ref)} was ${how} by someone else in the meantime`)
