import { randomUUID } from 'node:crypto'
import { CanaryError } from '../../objects/canary-error.ts'
import type { OwnerReference } from '../../objects/kube-object.ts'
import { fieldsOf, itemsOf } from '../../objects/unchecked.ts'
import type { KubeObject } from '../../objects/kube-object.ts'
import { changedRef } from '../../view/change.ts'
import type {
  ChangeRecord,
  ChangeSummary,
  HistoryScope,
  HistoryStore,
  NewRecord,
  OpenRecord,
  RecordedChanges,
} from '../../view/history.ts'
import { resourcePath } from '../api-path.ts'
import type { ApiResponse, Connection } from '../connection/connection.ts'
import { whoAmI } from '../who-am-i.ts'
import { announceChange } from './announce.ts'
import {
  changesOf,
  labelOf,
  heartbeatAnnotation,
  recordName,
  recordObject,
  serviceLabel,
  summaryOf,
  type ControllerRevision,
} from './record-object.ts'

const resource = 'controllerrevisions.apps'
const fieldManager = 'kubectl-canary'

const pathOf = (namespace: string | undefined, name?: string): string =>
  resourcePath(
    { group: 'apps', version: 'v1', plural: 'controllerrevisions', namespaced: true },
    { namespace, name },
  )

/** The record of changes in a cluster: a ControllerRevision per change and namespace. */
export function openHistory(connection: Connection): HistoryStore {
  return {
    list: scope => listRecords(connection, scope),
    load: summary => loadRecord(connection, summary),
    open: record => openRecord(connection, record),
    reopen: summary => handleOf(connection, summary),
    announce: change => announceChange(connection, change),
  }
}

/** Without the objects: their metadata says what a list shows. */
async function listRecords(
  connection: Connection,
  { namespace, service }: HistoryScope,
): Promise<RecordedChanges> {
  const answer = await connection.request({
    path: pathOf(namespace === '*' ? undefined : namespace),
    query: { labelSelector: service === undefined ? serviceLabel : `${serviceLabel}=${labelOf(service)}` },
    accept: 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json',
  })
  if (answer.status !== 200)
    return { changes: [], missing: refusalOf(connection, answer, { verb: 'list', namespace }) }
  const changes = itemsOf(fieldsOf(answer.json())['items']).flatMap(item => {
    const object = item as KubeObject
    const summary = summaryOf(object)
    // The parts in other namespaces are read with the one beside the service.
    const isMain = summary !== undefined && object.metadata.namespace === summary.namespace
    return isMain && (service === undefined || summary.service === service) ? [summary] : []
  })
  return { changes: changes.toSorted((a, b) => a.revision - b.revision) }
}

async function loadRecord(connection: Connection, summary: ChangeSummary): Promise<ChangeRecord> {
  const name = recordName(summary)
  const parts = await Promise.all(
    partsOf(summary).map(async namespace => {
      const answer = await connection.request({ path: pathOf(namespace, name) })
      if (mayBeMissing(summary, namespace) && !isPartOf(summary, answer)) return []
      if (answer.status !== 200) throw connection.refusal(answer, { verb: 'get', resource, namespace })
      return changesOf(`${namespace}/${name}`, answer.json())
    }),
  )
  const placed = parts.flat().toSorted((a, b) => a.at - b.at)
  return { ...summary, changes: placed.map(({ at: _, ...change }) => change) }
}

/**
 * Of a change under way a part in another namespace may not be written yet, or be removed already: the objects of that
 * namespace are as they were.
 */
const mayBeMissing = ({ heartbeat, namespace }: ChangeSummary, of: string): boolean =>
  heartbeat !== undefined && namespace !== of

/** Not where there is none, and not where the record is of another change: an earlier Service of the name had it. */
const isPartOf = ({ id }: ChangeSummary, answer: ApiResponse): boolean =>
  answer.status === 200 ? summaryOf(answer.json() as KubeObject)?.id === id : answer.status !== 404

/** The namespaces in which a change has records: that of the service first, where two writers collide. */
const partsOf = ({
  namespace,
  namespaces,
}: Pick<ChangeSummary, 'namespace' | 'namespaces'>): readonly string[] => [
  ...new Set([namespace, ...namespaces]),
]

async function openRecord(connection: Connection, given: NewRecord): Promise<OpenRecord | string> {
  const { owner, earlier, ...change } = given
  const record: ChangeRecord = {
    ...change,
    id: change.id ?? randomUUID().slice(0, 8),
    by: await whoAmI(connection),
    namespaces: [...new Set(change.changes.map(one => changedRef(one).namespace))],
  }
  const handle = handleOf(connection, record, earlier)
  for (const namespace of partsOf(record)) {
    const isMain = namespace === record.namespace
    const object = recordObject(record, namespace, isMain ? ownerOf(owner) : undefined)
    const missing =
      object === undefined
        ? 'its objects are too large for a record'
        : await create(connection, object, { replaces: !isMain })
    if (missing === undefined) continue
    await handle.discard()
    return missing
  }
  return handle
}

/** Not adopted by anybody else, as it has a controller, and gone with its Service. */
const ownerOf = (owner: NewRecord['owner']): OwnerReference | undefined =>
  owner === undefined ? undefined : { apiVersion: 'v1', kind: 'Service', ...owner, controller: true }

/**
 * Undefined where the record is written, else why it cannot be. Whoever has the part beside the service has the
 * revision: another part of that name was left by an earlier Service, whose own parts went with it, and is replaced.
 */
async function create(
  connection: Connection,
  object: ControllerRevision,
  { replaces }: { readonly replaces: boolean },
): Promise<string | undefined> {
  const { namespace, name } = object.metadata
  const answer = await connection.request({
    method: 'POST',
    path: pathOf(namespace),
    query: { fieldManager },
    body: object,
  })
  if (answer.status < 300) return undefined
  if (answer.status === 409 && replaces) {
    await connection.request({ method: 'DELETE', path: pathOf(namespace, name) })
    return create(connection, object, { replaces: false })
  }
  if (answer.status === 409)
    throw new CanaryError('conflict', 'somebody else is changing the same service', {
      cause: connection.refusal(answer, { verb: 'create', resource, namespace }),
    })
  return refusalOf(connection, answer, { verb: 'create', namespace })
}

/** Why history cannot be read or written, in the server's words. */
const refusalOf = (
  connection: Connection,
  answer: ApiResponse,
  { verb, namespace }: { readonly verb: string; readonly namespace: string },
): string =>
  connection.refusal(answer, { verb, resource, namespace: namespace === '*' ? '' : namespace }).message

function handleOf(
  connection: Connection,
  record: ChangeSummary,
  earlier: readonly ChangeSummary[] = [],
): OpenRecord {
  const remove = async (summary: ChangeSummary): Promise<void> => {
    // The part beside the service last: without it nobody finds the others.
    for (const namespace of partsOf(summary).toReversed())
      await connection.request({ method: 'DELETE', path: pathOf(namespace, recordName(summary)) })
  }
  return {
    id: record.id,
    async close(limit) {
      await Promise.all(
        partsOf(record).map(namespace => markPending(connection, record, { heartbeat: null, namespace })),
      )
      const surplus = earlier.length + 1 - limit
      await Promise.all(earlier.slice(0, Math.max(0, surplus)).map(remove))
    },
    discard: () => remove(record),
    renew: () => markPending(connection, record, { heartbeat: new Date().toISOString() }),
    expire: () => markPending(connection, record, { heartbeat: new Date(0).toISOString() }),
  }
}

/** Sets the mark of a change under way again, or takes it away. */
async function markPending(
  connection: Connection,
  record: ChangeSummary,
  {
    heartbeat,
    namespace = record.namespace,
  }: { readonly heartbeat: string | null; readonly namespace?: string },
): Promise<void> {
  await connection.request({
    method: 'PATCH',
    path: pathOf(namespace, recordName(record)),
    query: { fieldManager },
    contentType: 'application/merge-patch+json',
    body: { metadata: { annotations: { [heartbeatAnnotation]: heartbeat } } },
  })
}
