import { refOf } from '../../objects/kinds.ts'
import type { KubeObject } from '../../objects/kube-object.ts'
import { fieldsOf, isFields, itemsOf } from '../../objects/unchecked.ts'
import { apiPath, versionOf } from '../api-path.ts'
import { fieldManager, type Writer } from './write-object.ts'

type Fields = Readonly<Record<string, unknown>>

/** The lists that edits rewrite. Each is one field: whoever claims it claims all of it. */
const rewritten: ReadonlySet<string> = new Set(['f:http', 'f:tls', 'f:tcp', 'f:subsets', 'f:rules'])

/**
 * Gives up our claim on an object's routes in its `managedFields`, so that a server-side apply of its owner meets
 * no conflict with a canary that is over. What else an object of ours has stays claimed: to an object without any
 * entry the server says `before-first-apply`, with which everybody is in conflict. A convenience for others, so that
 * a refusal is no error. Returns the object as the server then has it.
 */
export async function disownFields(
  { connection }: Writer,
  object: KubeObject | undefined,
): Promise<KubeObject | undefined> {
  if (object === undefined) return undefined
  const entries = itemsOf(fieldsOf(object.metadata)['managedFields'])
  const left = entries.map(entry => (isOurs(entry) ? withoutRoutes(fieldsOf(entry)) : entry))
  if (left.every((entry, i) => entry === entries[i])) return object
  const answer = await connection
    .request({
      method: 'PATCH',
      path: apiPath(refOf(object).kind, versionOf(object.apiVersion), refOf(object)),
      contentType: 'application/merge-patch+json',
      query: { fieldManager },
      body: {
        metadata: { resourceVersion: object.metadata.resourceVersion, managedFields: left },
      },
    })
    .catch(() => undefined)
  return answer === undefined || answer.status >= 300 ? object : (answer.json() as KubeObject)
}

const isOurs = (entry: unknown): boolean => fieldsOf(entry)['manager'] === fieldManager

function withoutRoutes(entry: Fields): Fields {
  const fields = fieldsOf(entry['fieldsV1'])
  const spec = fields['f:spec']
  if (!isFields(spec) || !Object.keys(spec).some(key => rewritten.has(key))) return entry
  const kept = Object.fromEntries(Object.entries(spec).filter(([key]) => !rewritten.has(key)))
  return { ...entry, fieldsV1: { ...fields, 'f:spec': kept } }
}
