import type { CanaryError } from '../../objects/canary-error.ts'
import { apiKindOf, type Kind } from '../../objects/kinds.ts'
import type { KubeObject } from '../../objects/kube-object.ts'
import { apiPath, apiVersionOf, resourceName } from '../api-path.ts'
import type { ApiResponse, Connection } from '../connection/connection.ts'
import type { ServedVersions } from './served-versions.ts'

/** What every read shares. */
export interface ClusterReader {
  readonly connection: Connection
  readonly versions: ServedVersions
  readonly signal: AbortSignal | undefined
}

/** What became of one list: its objects, nobody serves it, or we may not see it. */
export type Listed =
  | { readonly is: 'read'; readonly objects: readonly KubeObject[] }
  | { readonly is: 'absent' }
  | { readonly is: 'forbidden'; readonly error: CanaryError }

/** As kubectl: large enough for one round trip as a rule, small enough for a server's memory. */
const pageSize = 500

/** How often a list that expires between two pages is begun again before it is asked for in one piece. */
const mostRestarts = 3

/**
 * What has no controller of its own: the pods and ReplicaSets of Deployments, Rollouts, StatefulSets,
 * DaemonSets and Jobs carry these labels, and
 * whatever their owner says of them is enough. A namespace may hold thousands of them.
 */
const selectors: Partial<Record<Kind, string>> = {
  Pod: '!pod-template-hash,!rollouts-pod-template-hash,!controller-revision-hash,!job-name',
  ReplicaSet: '!pod-template-hash,!rollouts-pod-template-hash',
}

/**
 * Every object of a kind, in one namespace or in all; throws a CanaryError where no answer, or an unexpected
 * one, comes.
 */
export async function listKind(
  reader: ClusterReader,
  kind: Kind,
  namespace: string | undefined,
): Promise<Listed> {
  const { versions } = reader
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

async function listVersion(reader: ClusterReader, kind: Kind, { version, namespace }: In): Promise<Listed> {
  const path = apiPath(kind, version, { namespace })
  for (let restarts = 0; ; restarts++) {
    const pages = await readPages(reader, path, {
      labelSelector: selectors[kind],
      limit: restarts < mostRestarts ? String(pageSize) : undefined,
    })
    if (Array.isArray(pages)) {
      reader.versions.confirm(kind, version)
      const apiVersion = apiVersionOf(kind, version)
      return {
        is: 'read',
        objects: pages
          .flat()
          .map(item => plain(item, apiVersion, kind))
          .filter(isOwnMaster(kind)),
      }
    }
    const refused = pages as ApiResponse
    if (refused.status === 410 && restarts < mostRestarts) continue
    if (refused.status === 404) return { is: 'absent' }
    const error = reader.connection.refusal(refused, {
      verb: 'list',
      resource: resourceName(kind),
      namespace,
    })
    if (refused.status === 403) return { is: 'forbidden', error }
    throw error
  }
}

type ListedItem = Omit<KubeObject, 'apiVersion' | 'kind'> & Partial<KubeObject>
type Query = Readonly<Record<string, string | undefined>>

/** The items of each page, or the answer that was no page. */
async function readPages(
  { connection, signal }: ClusterReader,
  path: string,
  query: Query,
): Promise<readonly (readonly ListedItem[])[] | ApiResponse> {
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
      readonly metadata?: { readonly continue?: string }
    }
    pages.push(items ?? [])
    next = metadata?.continue || undefined
    if (next === undefined) return pages
  }
}

/**
 * Built-in kinds' lists leave apiVersion and kind out of their items. managedFields are the server's, large,
 * and nothing that we decide by.
 */
function plain(item: ListedItem, apiVersion: string, kind: Kind): KubeObject {
  const { managedFields: _, ...metadata } = item.metadata as KubeObject['metadata'] & {
    readonly managedFields?: unknown
  }
  return { apiVersion, kind: apiKindOf(kind), ...item, metadata }
}

const isOwnMaster =
  (kind: Kind) =>
  ({ metadata }: KubeObject): boolean =>
    !(kind in selectors) || !metadata.ownerReferences?.some(({ controller }) => controller === true)
