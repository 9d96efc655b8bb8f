import { createHash } from 'node:crypto'
import { gunzipSync, gzipSync } from 'node:zlib'
import { CanaryError } from '../../objects/canary-error.ts'
import { contentOf } from '../../objects/content/content.ts'
import type { KubeObject, OwnerReference } from '../../objects/kube-object.ts'
import { fieldsOf, itemsOf, textOf, textsOf } from '../../objects/unchecked.ts'
import { changedRef, type Change } from '../../view/change.ts'
import type { ChangeRecord, ChangeSummary } from '../../view/history.ts'

/** A record as the API server keeps it; its `data` cannot be changed once it is there. */
export interface ControllerRevision {
  readonly apiVersion: 'apps/v1'
  readonly kind: 'ControllerRevision'
  readonly metadata: {
    readonly name: string
    readonly namespace: string
    readonly labels: Readonly<Record<string, string>>
    readonly annotations: Readonly<Record<string, string>>
    readonly ownerReferences?: readonly OwnerReference[]
  }
  readonly revision: number
  readonly data: RecordData
}

/** The changes as they are, or as base64 of gzipped JSON. */
type RecordData = { readonly changes: readonly PlacedChange[] } | { readonly gzip: string }

/** A change of an object in the record's namespace, and its place among the changes of all namespaces. */
interface PlacedChange extends Change {
  readonly at: number
}

/**
 * Our own label, which no workload selects by: a controller of StatefulSets adopts the ControllerRevisions that
 * its selector matches and nobody else owns.
 */
export const serviceLabel = 'kubectl-canary/history-of'
export const summaryAnnotation = 'kubectl-canary/change'
export const heartbeatAnnotation = 'kubectl-canary/heartbeat'

/** The size in bytes from which objects are compressed. */
const compressedFrom = 4096

/** What etcd takes of one object is 1.5 MiB, and the API server adds to it. */
const mostBytes = 1_000_000

/** The service as a label's value: 63 characters at most, and no `*`. */
export const labelOf = (service: string): string =>
  /^[a-z0-9]([-a-z0-9.]{0,61}[a-z0-9])?$/.test(service) ? service : digestOf(service)

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32)

/** The name of a change's records, in whatever namespaces they are: two writers of one revision collide. */
export const recordName = ({
  service,
  namespace,
  revision,
}: Pick<ChangeSummary, 'service' | 'namespace' | 'revision'>): string =>
  `kubectl-canary.${labelOf(service)}.${namespace}.${revision}`

/** The record of a change in one of its namespaces; undefined where it is too large for one object. */
export function recordObject(
  record: ChangeRecord,
  namespace: string,
  owner: OwnerReference | undefined,
): ControllerRevision | undefined {
  const { changes, heartbeat, ...summary } = record
  const data = encoded(
    changes.flatMap((change, at) =>
      changedRef(change).namespace === namespace ? [{ at, ...contentsOf(change) }] : [],
    ),
  )
  if (JSON.stringify(data).length > mostBytes) return undefined
  return {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      name: recordName(record),
      namespace,
      labels: { [serviceLabel]: labelOf(record.service) },
      annotations: {
        [summaryAnnotation]: JSON.stringify(summary),
        ...(heartbeat === undefined ? {} : { [heartbeatAnnotation]: heartbeat }),
      },
      ...(owner === undefined ? {} : { ownerReferences: [owner] }),
    },
    revision: record.revision,
    data,
  }
}

const contentsOf = ({ before, after }: Change): Change => ({
  ...(before === undefined ? {} : { before: contentOf(before) }),
  ...(after === undefined ? {} : { after: contentOf(after) }),
})

function encoded(changes: readonly PlacedChange[]): RecordData {
  const text = JSON.stringify({ changes })
  return text.length < compressedFrom ? { changes } : { gzip: gzipSync(text).toString('base64') }
}

/** What a record says of its change; undefined for one that says nothing that we can read. */
export function summaryOf({ metadata }: Pick<KubeObject, 'metadata'>): ChangeSummary | undefined {
  const fields = fieldsOf(parsed(metadata.annotations?.[summaryAnnotation] ?? ''))
  const said = (key: keyof ChangeSummary): string | undefined => textOf(fields[key])
  const { revision } = fields
  const [id, service, namespace, at] = [said('id'), said('service'), said('namespace'), said('at')]
  if (id === undefined || service === undefined || namespace === undefined) return undefined
  if (!Number.isInteger(revision) || at === undefined || Number.isNaN(Date.parse(at))) return undefined
  return {
    id,
    revision: revision as number,
    service,
    namespace,
    title: said('title') ?? '',
    command: said('command') ?? '',
    reason: said('reason'),
    by: said('by'),
    at,
    stable: said('stable'),
    served: textsOf(fields['served']),
    ...withOthers(fields['with']),
    namespaces: textsOf(fields['namespaces']),
    heartbeat: metadata.annotations?.[heartbeatAnnotation],
  }
}

/** The other services of a change, where it has any. */
function withOthers(written: unknown): Pick<ChangeSummary, 'with'> {
  const others = itemsOf(written).flatMap(item => {
    const { service, namespace, revision } = fieldsOf(item)
    const isWhole = typeof service === 'string' && typeof namespace === 'string' && Number.isInteger(revision)
    return isWhole ? [{ service, namespace, revision: revision as number }] : []
  })
  return others.length === 0 ? {} : { with: others }
}

/** The changes of a record, with their places; throws a CanaryError `unreadable` for what is no record of ours. */
export function changesOf(name: string, object: unknown): readonly PlacedChange[] {
  const data = fieldsOf(fieldsOf(object)['data'])
  const packed = textOf(data['gzip'])
  const { changes } = packed === undefined ? data : fieldsOf(parsed(unpacked(packed)))
  if (!Array.isArray(changes))
    throw new CanaryError('unreadable', `ControllerRevision ${name} is not a record of kubectl canary`)
  return changes as readonly PlacedChange[]
}

function unpacked(text: string): string {
  try {
    return gunzipSync(Buffer.from(text, 'base64')).toString()
  } catch {
    return ''
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
