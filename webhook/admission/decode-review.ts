import { CanaryError } from '../../shared/objects/canary-error.ts'
import { kindOf } from '../../shared/objects/kinds.ts'
import type { KubeObject } from '../../shared/objects/kube-object.ts'
import { isFields } from '../../shared/objects/unchecked.ts'
import type { AdmissionRequest } from '../review/admission-request.ts'

/** A body that can be answered: it has a request with a uid. The rest of the request is not yet decoded. */
export interface Envelope {
  readonly uid: string
  /** The version of AdmissionReview, which the answer must have too. */
  readonly apiVersion: string
  readonly request: JsonObject
}

type JsonObject = Readonly<Record<string, unknown>>

const reviewVersions: readonly unknown[] = ['admission.k8s.io/v1', 'admission.k8s.io/v1beta1']

/** The envelope of a parsed body; undefined for a body that is no AdmissionReview and cannot be answered. */
export function envelopeOf(body: unknown): Envelope | undefined {
  if (!isFields(body) || !isFields(body['request'])) return undefined
  const { request, apiVersion } = body
  const uid = request['uid']
  if (typeof uid !== 'string' || uid === '') return undefined
  return {
    uid,
    apiVersion: reviewVersions.includes(apiVersion) ? (apiVersion as string) : 'admission.k8s.io/v1',
    request,
  }
}

/** The request in an envelope; throws a CanaryError `unreadable` if a field does not have its type in the API. */
export function requestOf({ uid, request }: Envelope): AdmissionRequest {
  const { group, version, kind } = fieldsIn(request, 'kind')
  if (typeof version !== 'string' || typeof kind !== 'string') throw unreadable('request.kind')
  const apiVersion = typeof group === 'string' && group !== '' ? `${group}/${version}` : version
  const namespace = stringIn(request, 'namespace')
  const isNamespaced = kindOf({ apiVersion, kind }) !== 'Namespace'
  const fill = (key: string): KubeObject | undefined =>
    objectIn(request, key, { apiVersion, kind, namespace: isNamespaced ? namespace : '' })
  const userInfo = fieldsIn(request, 'userInfo')
  const object = fill('object')
  const oldObject = fill('oldObject')
  return {
    uid,
    apiVersion,
    kind,
    namespace,
    object,
    oldObject,
    operation: stringIn(request, 'operation'),
    resource: stringIn(fieldsIn(request, 'resource'), 'resource'),
    subResource: stringIn(request, 'subResource'),
    name: (object ?? oldObject)?.metadata.name ?? stringIn(request, 'name'),
    user: stringIn(userInfo, 'username'),
    groups: stringsOf(userInfo['groups']),
    userUid: stringIn(userInfo, 'uid'),
    userExtra: Object.fromEntries(
      Object.entries(fieldsIn(userInfo, 'extra')).map(([key, values]) => [key, stringsOf(values)]),
    ),
    fieldManager: stringIn(fieldsIn(request, 'options'), 'fieldManager'),
    dryRun: request['dryRun'] === true,
  }
}

/** An object as rules expect it: with kind, name and namespace of the request, and with a spec. */
function objectIn(
  request: JsonObject,
  key: string,
  known: { readonly apiVersion: string; readonly kind: string; readonly namespace: string },
): KubeObject | undefined {
  const object = request[key]
  if (object === null || object === undefined) return undefined
  if (!isFields(object)) throw unreadable(`request.${key}`)
  const metadata = fieldsIn(object, 'metadata')
  const name = stringIn(metadata, 'name') || stringIn(request, 'name')
  const namespace = known.namespace === '' ? {} : { namespace: known.namespace }
  const spec = isFields(object['spec']) ? object['spec'] : {}
  return {
    ...object,
    apiVersion: known.apiVersion,
    kind: known.kind,
    metadata: { ...metadata, name, ...namespace },
    spec,
  } as KubeObject
}

function fieldsIn(fields: JsonObject, key: string): JsonObject {
  const value = fields[key]
  if (value === undefined || value === null) return {}
  if (!isFields(value)) throw unreadable(key)
  return value
}

function stringIn(fields: JsonObject, key: string): string {
  const value = fields[key]
  if (value === undefined || value === null) return ''
  if (typeof value !== 'string') throw unreadable(key)
  return value
}

/** The strings of a list; whatever else is there gives no right to anybody. */
const stringsOf = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter(item => typeof item === 'string') : []

const unreadable = (field: string): CanaryError =>
  new CanaryError(
    'unreadable',
    `the field ${field} of the review does not have its type in the admission API`,
  )
