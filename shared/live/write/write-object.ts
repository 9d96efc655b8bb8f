import type { VersionedConnection } from '../served-versions.ts'
import { CanaryError } from '../../objects/canary-error.ts'
import { contentOf } from '../../objects/content/content.ts'
import { resources } from '../../objects/kinds.ts'
import { keyOf, type KubeObject, type Ref } from '../../objects/kube-object.ts'
import { changedRef, type Change } from '../../view/change.ts'
import type { Outcome } from '../../view/store.ts'
import { UnknownFields } from '../../view/unknown-fields.ts'
import { apiPath, apiVersionOf, resourceName, versionOf } from '../api-path.ts'
import type { ApiResponse, ApiRequest } from '../connection/connection.ts'
import { statusOf } from '../connection/failure.ts'
import { mergePatch } from '../../objects/content/merge-patch.ts'
import { exactly, sendingOf } from './exact-patch.ts'
import { patchReplicas, scaledBy, scaleObject, type Scaler } from './scale-object.ts'
import { isOfGatewayApi, unknownFieldsIn } from './unknown-fields.ts'

/** What a write needs to know besides the change. */
export interface Writer extends VersionedConnection {
  readonly isDryRun: boolean
  /** Replicas of Deployments are set by their subresource `scale`. */
  readonly scales?: boolean
  readonly onWarning: (text: string) => void
}

/** What became of a change; `now` is the object as the server has it, if it has it. */
export interface Written {
  readonly action: Outcome['action']
  readonly now?: KubeObject | undefined
}

/** The field manager under which the server records our edits. */
export const fieldManager = 'kubectl-canary'

/**
 * Carries one change out, on exactly the version of the object that was read; a CanaryError `conflict` where
 * that is no longer there.
 */
export function writeObject(writer: Writer, change: Change): Promise<Written> {
  const { before, after } = change
  const ref = changedRef(change)
  if (before === undefined) return createObject(writer, ref, after!)
  if (after === undefined) return deleteObject(writer, ref, before)
  return updateObject(writer, ref, { ...change, before, after })
}

const modeOf = ({ isDryRun }: Writer): { readonly dryRun?: string } => (isDryRun ? { dryRun: 'All' } : {})

async function createObject(writer: Writer, ref: Ref, object: KubeObject): Promise<Written> {
  const post = (version: string): Promise<ApiResponse> =>
    ask(writer, {
      method: 'POST',
      path: apiPath(ref.kind, version, { namespace: ref.namespace }),
      query: { fieldManager, fieldValidation: 'Strict', ...modeOf(writer) },
      body: { ...contentOf(object), apiVersion: apiVersionOf(ref.kind, version) },
    })
  const version = versionOf(object.apiVersion)
  let answer = await post(version)
  if (answer.status === 404 && isUnserved(answer)) {
    // An older Istio: the same object under a version that it has.
    const candidates = [...(await writer.versions.others(ref.kind)), writer.versions.likely(ref.kind)]
    const other = candidates.find(candidate => candidate !== version)
    if (other === undefined) throw unknownHere(ref)
    answer = await post(other)
    if (answer.status === 404 && isUnserved(answer)) throw unknownHere(ref)
  }
  if (answer.status === 409)
    throw new CanaryError('conflict', `${keyOf(ref)} was created by someone else in the meantime`)
  return { action: 'created', now: accepted(writer, answer, { ref, verb: 'create' }) }
}

/**
 * A path that nobody serves is answered in plain text, or by a Status that names nothing; a missing namespace
 * by one that names it.
 */
const isUnserved = ({ text }: ApiResponse): boolean => statusOf(text)?.details?.name === undefined

const unknownHere = (ref: Ref): CanaryError =>
  new CanaryError(
    'failed',
    `${keyOf(ref)} cannot be created: this cluster has no ${resourceName(ref.kind)}`,
    {
      hints: [
        resources[ref.kind].group.endsWith('istio.io')
          ? "Install Istio's custom resource definitions first."
          : 'Install its custom resource definition first.',
      ],
    },
  )

async function updateObject(
  writer: Writer,
  ref: Ref,
  { before, after, patch: exact }: Update,
): Promise<Written> {
  const patch = exact?.body === undefined ? patchOf(before, after) : exactly(exact, exact.body, before)
  if (patch === undefined) return { action: 'unchanged', now: before }
  const scaled = exact === undefined ? await scaledFirst(writer, ref, { before, after, patch }) : undefined
  if (scaled !== undefined) return scaled
  const { type, path } = sendingOf(ref, before, exact)
  const answer = await ask(writer, {
    method: 'PATCH',
    path,
    contentType: `application/${type}-patch+json`,
    query: { fieldManager, fieldValidation: 'Strict', ...modeOf(writer) },
    body: patch,
  })
  if (answer.status === 409 || answer.status === 404) throw changedMeanwhile(ref, answer.status === 404)
  return { action: 'configured', now: accepted(writer, answer, { ref, verb: 'patch' }) }
}

/**
 * What became of a change of the number of pods alone, in a plan that scales; undefined for another one. Who may not scale may
 * still patch the object itself.
 */
async function scaledFirst(
  writer: Writer,
  ref: Ref,
  { before, after, patch }: PodsPatch,
): Promise<Written | undefined> {
  const scaled =
    writer.scales === true ? scaledBy(before, patch as Readonly<Record<string, unknown>>) : undefined
  if (scaled === undefined) return undefined
  const [scaler, object] = [scalerOf(writer), { ref, before }]
  const scaling = await scaleObject(scaler, object, scaled)
  if (isWithoutRight(scaling)) {
    const patched = await patchReplicas(scaler, object, scaled)
    return { action: 'configured', now: accepted(writer, patched, { ref, verb: 'patch' }) }
  }
  const { metadata } = accepted(writer, scaling, { ref, verb: 'patch' })
  return { action: 'configured', now: { ...after, metadata: { ...after.metadata, ...metadata } } }
}

/** The API server's own refusal for want of a right; a policy that refuses to scale is meant to be kept. */
const isWithoutRight = ({ status, text }: ApiResponse): boolean =>
  status === 403 && /cannot (?:get|patch) resource "deployments\/scale"/.test(statusOf(text)?.message ?? text)

interface PodsPatch {
  readonly before: KubeObject
  readonly after: KubeObject
  readonly patch: object
}

interface Update extends Change {
  readonly before: KubeObject
  readonly after: KubeObject
}

const scalerOf = (writer: Writer): Scaler => ({
  get: path => ask(writer, { path }),
  patch: (path, body) =>
    ask(writer, {
      method: 'PATCH',
      path,
      contentType: `application/${Array.isArray(body) ? 'json' : 'merge'}-patch+json`,
      query: { fieldManager, ...modeOf(writer) },
      body,
    }),
})

/** The difference, bound to the version that was read; undefined where there is none. */
export function patchOf(
  before: KubeObject,
  after: KubeObject,
): Readonly<Record<string, unknown>> | undefined {
  const {
    apiVersion: _a,
    kind: _k,
    ...patch
  } = mergePatch({ ...before }, { ...after, metadata: serverFields(before, after) }) ?? {}
  if (Object.keys(patch).length === 0) return undefined
  const { resourceVersion } = before.metadata
  return resourceVersion === undefined
    ? patch
    : { ...patch, metadata: { ...(patch['metadata'] as object), resourceVersion } }
}

/** What the server keeps in metadata stays as it was read, whatever the edited object carries. */
function serverFields(before: KubeObject, after: KubeObject): KubeObject['metadata'] {
  const { uid, resourceVersion, generation, creationTimestamp, deletionTimestamp } = before.metadata
  const kept = Object.entries({
    uid,
    resourceVersion,
    generation,
    creationTimestamp,
    deletionTimestamp,
  }).filter(([, value]) => value !== undefined)
  return { ...after.metadata, ...Object.fromEntries(kept) }
}

async function deleteObject(writer: Writer, ref: Ref, before: KubeObject): Promise<Written> {
  const { uid, resourceVersion } = before.metadata
  const answer = await ask(writer, {
    method: 'DELETE',
    path: apiPath(ref.kind, versionOf(before.apiVersion), ref),
    query: modeOf(writer),
    body: {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      preconditions: { uid, resourceVersion },
      ...(writer.isDryRun && { dryRun: ['All'] }),
    },
  })
  if (answer.status === 409) throw changedMeanwhile(ref, false)
  if (answer.status === 404) return { action: 'unchanged' }
  accepted(writer, answer, { ref, verb: 'delete' })
  return { action: 'deleted' }
}

const changedMeanwhile = (ref: Ref, isGone: boolean): CanaryError =>
  new CanaryError(
    'conflict',
    `${keyOf(ref)} was ${isGone ? 'deleted' : 'changed'} by someone else in the meantime`,
  )

async function ask({ connection, onWarning }: Writer, asked: ApiRequest): Promise<ApiResponse> {
  const answer = await connection.request(asked)
  for (const warning of answer.warnings) onWarning(warning)
  return answer
}

function accepted(
  { connection }: Writer,
  answer: ApiResponse,
  { ref, verb }: { readonly ref: Ref; readonly verb: string },
): KubeObject {
  if (answer.status < 300) return answer.json() as KubeObject
  const { code, message, hints } = connection.refusal(answer, {
    verb,
    resource: resourceName(ref.kind),
    namespace: ref.namespace,
  })
  const unknown = unknownFieldsIn(message)
  if (unknown.length > 0 && isOfGatewayApi(ref.kind))
    throw new UnknownFields(ref, { resource: resourceName(ref.kind), fields: unknown })
  // Strict field validation and schemas name the field but not the object.
  throw new CanaryError(code, message.includes(ref.name) ? message : `${keyOf(ref)}: ${message}`, { hints })
}
