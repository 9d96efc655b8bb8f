import { CanaryError } from '../../shared/objects/canary-error.ts'
import type { KubeObject } from '../../shared/objects/kube-object.ts'

/**
 * What the API server asks about, reduced to what a review needs; objects have their names and kind filled
 * in.
 */
export interface AdmissionRequest {
  readonly uid: string
  readonly operation: string
  readonly apiVersion: string
  readonly kind: string
  /** The plural name in the API, for the log. */
  readonly resource: string
  readonly subResource: string
  readonly namespace: string
  /** From the object where the request has none, as for each object of a deletecollection. */
  readonly name: string
  readonly user: string
  readonly dryRun: boolean
  /** The object as it will be; undefined on DELETE. */
  readonly object: KubeObject | undefined
  /** The object as it was; undefined on CREATE. */
  readonly oldObject: KubeObject | undefined
}

/**
 * A body to which an answer can be given: it has a request with a uid. What is in the request is not yet
 * looked at.
 */
export interface Envelope {
  readonly uid: string
  /** The version of AdmissionReview, which the answer must repeat. */
  readonly apiVersion: string
  readonly request: Fields
}

type Fields = Readonly<Record<string, unknown>>

const reviewVersions: readonly unknown[] = ['admission.k8s.io/v1', 'admission.k8s.io/v1beta1']

/**
 * The envelope of a parsed body; undefined for what is no AdmissionReview at all, to which no answer can be
 * addressed.
 */
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

/**
 * The request in an envelope; throws a CanaryError `unreadable` where a field has not the form that the API
 * server gives it.
 */
export function requestOf({ uid, request }: Envelope): AdmissionRequest {
  const { group, version, kind } = fieldsIn(request, 'kind')
  if (typeof version !== 'string' || typeof kind !== 'string') throw unreadable('request.kind')
  const apiVersion = typeof group === 'string' && group !== '' ? `${group}/${version}` : version
  const namespace = stringIn(request, 'namespace')
  const fill = (key: string): KubeObject | undefined =>
    objectIn(request, key, { apiVersion, kind, namespace })
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
    user: stringIn(fieldsIn(request, 'userInfo'), 'username'),
    dryRun: request['dryRun'] === true,
  }
}

/**
 * An object as rules expect it: kind, name and namespace are those of the request, and a missing spec is an
 * empty one.
 */
function objectIn(
  request: Fields,
  key: string,
  filled: { readonly apiVersion: string; readonly kind: string; readonly namespace: string },
): KubeObject | undefined {
  const object = request[key]
  if (object === null || object === undefined) return undefined
  if (!isFields(object)) throw unreadable(`request.${key}`)
  const metadata = fieldsIn(object, 'metadata')
  const name = stringIn(metadata, 'name') || stringIn(request, 'name')
  const namespace = filled.namespace === '' ? {} : { namespace: filled.namespace }
  const spec = isFields(object['spec']) ? object['spec'] : {}
  return {
    ...object,
    apiVersion: filled.apiVersion,
    kind: filled.kind,
    metadata: { ...metadata, name, ...namespace },
    spec,
  } as KubeObject
}

function fieldsIn(fields: Fields, key: string): Fields {
  const value = fields[key]
  if (value === undefined || value === null) return {}
  if (!isFields(value)) throw unreadable(key)
  return value
}

function stringIn(fields: Fields, key: string): string {
  const value = fields[key]
  if (value === undefined || value === null) return ''
  if (typeof value !== 'string') throw unreadable(key)
  return value
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const unreadable = (field: string): CanaryError =>
  new CanaryError(
    'unreadable',
    `the field ${field} of the review has not the form that an API server gives it`,
  )
