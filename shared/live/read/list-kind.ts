import type { VersionedConnection } from '../served-versions.ts'
import type { CanaryError } from '../../objects/canary-error.ts'
import { apiKindOf, kindOf, workloadKinds, type Kind, resources } from '../../objects/kinds.ts'
import { withoutNulls } from '../../view/without-nulls.ts'
import { controllerOf, type KubeObject } from '../../objects/kube-object.ts'
import type { ReadList } from '../read-list.ts'
import { apiPath, apiVersionOf, resourceName } from '../api-path.ts'
import type { ApiResponse } from '../connection/connection.ts'

/** What became of one list: its objects, nobody serves it, or we may not see it. */
export type Listed =
  | {
      readonly is: 'read'
      readonly objects: readonly KubeObject[]
      /** How it is watched from here on; left out for what is no list of the API server's. */
      readonly list?: ReadList
    }
  | { readonly is: 'absent' }
  | { readonly is: 'forbidden'; readonly error: CanaryError }

/** As kubectl: large enough for one round trip as a rule, small enough for a server's memory. */
export const pageSize = 500

/** How often a list that expires between two pages is begun again before it is asked for in one piece. */
const mostRestarts = 3

type Query = Readonly<Record<string, string | undefined>>

/**
 * What is not asked for: the pods and ReplicaSets of Deployments and Rollouts carry these labels, and whatever
 * their owner says of them is enough (a namespace may hold thousands of them); pods that have ended; and the
 * addresses of Services with a selector.
 */
const filters: Partial<Record<Kind, Readonly<Record<string, string>>>> = {
  Pod: {
    labelSelector: '!pod-template-hash,!rollouts-pod-template-hash',
    fieldSelector: 'status.phase!=Succeeded,status.phase!=Failed',
  },
  ReplicaSet: { labelSelector: '!pod-template-hash,!rollouts-pod-template-hash' },
  EndpointSlice: { labelSelector: 'endpointslice.kubernetes.io/managed-by!=endpointslice-controller.k8s.io' },
}

/**
 * Every object of a kind, in one namespace or in all; throws a CanaryError where no answer, or an unexpected
 * one, comes.
 */
export async function listKind(
  reader: VersionedConnection,
  kind: Kind,
  namespace: string | undefined,
): Promise<Listed> {
  const { versions } = reader
  if (await versions.isAbsent(kind)) return { is: 'absent' }
  const first = await listVersion(reader, kind, { version: versions.likely(kind), namespace })
  if (first.is !== 'absent') return first
  for (const version of await versions.others(kind)) {
    const listed = await listVersion(reader, kind, { version, namespace })
    if (listed.is !== 'absent') return listed
  }
  return first
}

interface In {
  readonly version: string
  readonly namespace: string | undefined
}

async function listVersion(
  reader: VersionedConnection,
  kind: Kind,
  { version, namespace }: In,
): Promise<Listed> {
  const path = apiPath(kind, version, { namespace })
  for (let restarts = 0; ; restarts++) {
    const read = await readPages(reader, path, {
      ...filters[kind],
      limit: restarts < mostRestarts ? String(pageSize) : undefined,
    })
    if ('pages' in read) {
      reader.versions.confirm(kind, version)
      const apiVersion = apiVersionOf(kind, version)
      return {
        is: 'read',
        ...(read.version !== undefined && {
          list: { path, query: { ...filters[kind] }, version: read.version },
        }),
        objects: read.pages
          .flat()
          .map(item => plain(item, apiVersion, kind))
          .filter(object => !isDescribed(kind, object)),
      }
    }
    const refused = read
    if (refused.status === 410 && restarts < mostRestarts) continue
    if (refused.status === 404) return { is: 'absent' }
    const error = reader.connection.refusal(refused, {
      verb: 'list',
      resource: resourceName(kind),
      namespace,
    })
    // RBAC refuses what nobody serves as well.
    if (refused.status === 403)
      return (await reader.versions.isServed(kind)) ? { is: 'forbidden', error } : { is: 'absent' }
    throw error
  }
}

/** An object as lists have it. */
export type ListedItem = Omit<KubeObject, 'apiVersion' | 'kind'> & Partial<KubeObject>
interface ReadPages {
  readonly pages: readonly (readonly ListedItem[])[]
  /** Of the whole list. */
  readonly version: string | undefined
}

/** The items of each page, or the answer that was no page. */
async function readPages(
  { connection, signal }: VersionedConnection,
  path: string,
  query: Query,
): Promise<ReadPages | ApiResponse> {
  const pages: (readonly ListedItem[])[] = []
  for (let next: string | undefined; ;) {
    const answer = await connection.request({
      path,
      query: { ...query, continue: next },
      ...(signal && { signal }),
    })
    if (answer.status !== 200) return answer
    const { items, metadata } = answer.json() as {
      readonly items?: readonly ListedItem[] | null
      readonly metadata?: { readonly continue?: string; readonly resourceVersion?: string }
    }
    pages.push(items ?? [])
    next = metadata?.continue || undefined
    if (next === undefined) return { pages, version: metadata?.resourceVersion || undefined }
  }
}

/**
 * Built-in kinds' lists leave apiVersion and kind out of their items. managedFields are the server's, large,
 * and nothing that we decide by.
 */
export function plain(item: ListedItem, apiVersion: string, kind: Kind): KubeObject {
  const { managedFields: _, ...metadata } = item.metadata as KubeObject['metadata'] & {
    readonly managedFields?: unknown
  }
  const object = { apiVersion, kind: apiKindOf(kind), ...item, metadata }
  // Lists of Istio's kinds are short, and a null in them says as little as in a manifest.
  return resources[kind].group === resources.VirtualService.group
    ? (withoutNulls(object) as KubeObject)
    : object
}

const madeKinds: ReadonlySet<Kind> = new Set(['Pod', 'ReplicaSet', 'ReplicationController'])
const describingKinds: ReadonlySet<Kind | undefined> = new Set(workloadKinds)

/**
 * Whether its owner says all of it: a workload of a kind that is read. What a controller of another kind makes is
 * looked at itself.
 */
function isDescribed(kind: Kind, object: KubeObject): boolean {
  const owner = madeKinds.has(kind) ? controllerOf(object) : undefined
  return owner !== undefined && describingKinds.has(kindOf(owner))
}
