/**
 * What `kubectl apply` does with objects that are not there yet, without its process: that takes a sixth of a second of CPU time, and the
 * API server as much again to describe its kinds. The requests are the same, and so is what is stored: the annotation for a later
 * `kubectl apply`, and the owner of the fields.
 */
import { parseAllDocuments } from 'yaml'
import type { Ask } from './asked.ts'

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

/** How a kind is asked for. */
export interface ServedKind {
  readonly resource: string
  readonly isNamespaced: boolean
}

/** Kinds by `<apiVersion> <kind>`. */
export type ServedKinds = ReadonlyMap<string, ServedKind>

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

/** Discovery of all kinds at once. */
export const allKinds = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'

/** A group of kinds as the API server tells of it. */
export interface DiscoveredGroup {
  readonly metadata: { readonly name?: string }
  readonly versions: readonly {
    readonly version: string
    readonly resources?: readonly {
      readonly resource: string
      readonly scope: 'Namespaced' | 'Cluster'
      readonly responseKind: { readonly kind: string }
    }[]
  }[]
}

/** All kinds that the API server serves. */
export async function servedKinds(ask: Ask): Promise<ServedKinds> {
  const answers = await Promise.all(['/api', '/apis'].map(path => ask(path, { accept: allKinds })))
  const groups = answers.flatMap(({ body }) => (body as { readonly items: readonly DiscoveredGroup[] }).items)
  return new Map(
    groups.flatMap(({ metadata: { name }, versions }) =>
      versions.flatMap(({ version, resources = [] }) =>
        resources.map(({ resource, scope, responseKind: { kind } }) => [
          `${name === undefined || name === '' ? version : `${name}/${version}`} ${kind}`,
          { resource, isNamespaced: scope === 'Namespaced' },
        ]),
      ),
    ),
  )
}

/** Creates an object as `kubectl apply` does where there is none; false where there is one. Throws the API server's answer if it is refused. */
export async function isCreated(ask: Ask, object: AppliedObject, kind: ServedKind): Promise<boolean> {
  const { apiVersion, metadata } = object
  const place = kind.isNamespaced ? `/namespaces/${metadata.namespace}` : ''
  const path = `${apiVersion.includes('/') ? '/apis' : '/api'}/${apiVersion}${place}/${kind.resource}`
  const { status } = await ask(`${path}/${metadata.name}`)
  if (status !== 404) return false
  const body = {
    ...object,
    metadata: { ...metadata, annotations: { ...metadata.annotations, [lastApplied]: textOf(object) } },
  }
  const answer = await ask(`${path}?fieldManager=kubectl-client-side-apply&fieldValidation=Strict`, {
    method: 'POST',
    body,
  })
  if (answer.status >= 400) {
    const { reason, message } = answer.body as { readonly reason?: string; readonly message?: string }
    throw new Error(`Error from server (${reason}): error when creating "STDIN": ${message}\n`)
  }
  return true
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
