/**
 * What `kubectl apply` does with objects that are not there yet, without its process: that takes a sixth of a second of CPU time, and the
 * API server as much again to describe its kinds. The requests are the same, and so is what is stored: the annotation for a later
 * `kubectl apply`, and the owner of the fields.
 */
import { parseAllDocuments } from 'yaml'
import type { Answer, Ask } from './asked.ts'
import type { ServedKind } from './served.ts'

/** An object as files have it. */
export interface AppliedObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name?: string
    readonly namespace?: string
    readonly annotations?: Readonly<Record<string, string>>
  }
}

/** The objects of YAML text that has one in each document; nothing for what only kubectl takes apart. */
export function appliedObjects(yaml: string): readonly AppliedObject[] | undefined {
  const documents = parseAllDocuments(yaml)
  if ('empty' in documents || documents.some(({ errors }) => errors.length > 0)) return undefined
  const objects = documents
    .map(document => document.toJS() as AppliedObject | null)
    .filter(object => object !== null)
  return objects.every(({ kind, metadata }) => kind !== 'List' && metadata?.name !== undefined)
    ? objects
    : undefined
}

/** An object as kubectl names it: `<kind>[.<group>]/<name>`. */
export function nameOf({ apiVersion, kind, metadata }: AppliedObject): string {
  const [group, version] = apiVersion.split('/')
  return `${kind.toLowerCase()}${version === undefined ? '' : `.${group}`}/${metadata.name}`
}

/** Creates an object as `kubectl apply` does where there is none; false where there is one. Throws the API server's answer if it is refused. */
export async function isCreated(ask: Ask, object: AppliedObject, kind: ServedKind): Promise<boolean> {
  const answer = await created(ask, object, kind)
  if (answer === undefined) return false
  if (answer.status >= 400) {
    const { reason, message } = answer.body as { readonly reason?: string; readonly message?: string }
    throw new Error(`Error from server (${reason}): error when creating "STDIN": ${message}\n`)
  }
  return true
}

/** The answer to the creation of an object where there is none; undefined where there is one. */
export async function created(
  ask: Ask,
  object: AppliedObject,
  kind: ServedKind,
): Promise<Answer | undefined> {
  const { apiVersion, metadata } = object
  const place = kind.isNamespaced ? `/namespaces/${metadata.namespace}` : ''
  const path = `${apiVersion.includes('/') ? '/apis' : '/api'}/${apiVersion}${place}/${kind.resource}`
  const { status } = await ask(`${path}/${metadata.name}`)
  if (status !== 404) return undefined
  const body = {
    ...object,
    metadata: { ...metadata, annotations: { ...metadata.annotations, [lastApplied]: textOf(object) } },
  }
  return ask(`${path}?fieldManager=kubectl-client-side-apply&fieldValidation=Strict`, {
    method: 'POST',
    body,
  })
}

const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration'

/** An object as Go writes it for that annotation: keys in order, `<`, `>` and `&` escaped, always annotations, and a line's end. */
function textOf(object: AppliedObject): string {
  const { [lastApplied]: _, ...annotations } = object.metadata.annotations ?? {}
  const whole = { ...object, metadata: { ...object.metadata, annotations } }
  const text = JSON.stringify(whole, (_key, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  )
  return `${text.replace(/[<>&\u2028\u2029]/g, c => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)}\n`
}
