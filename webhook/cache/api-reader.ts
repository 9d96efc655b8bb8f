import { CanaryError } from '../../shared/objects/canary-error.ts'
import { formatLabels } from '../../shared/objects/labels.ts'
import type { KubeObject } from '../../shared/objects/kube-object.ts'
import { apiKindOf, resources, type Kind } from '../../shared/objects/kinds.ts'
import { apiPath, apiVersionOf } from '../../shared/live/api-path.ts'
import { isAbsent, isForbidden } from '../../shared/live/watch/stream/api-failure.ts'
import { readText, type Fetch } from '../../shared/live/watch/stream/chunks.ts'
import { listPages } from '../../shared/live/watch/stream/list-pages.ts'
import { parseJson } from '../../shared/live/watch/stream/parse-json.ts'
import type { Requester } from '../../shared/live/watch/stream/requester.ts'
import { systemTimers } from '../../shared/live/watch/stream/timers.ts'
import type { RestsOn } from '../../shared/rules/rule.ts'
import { isDerivable } from './derivable.ts'
import { projectObject } from './project-object.ts'
import type { ApiRead } from './single-flight.ts'

/**
 * Reads the current state from the API server (without a resourceVersion, which makes the read consistent) and
 * keeps what the cache keeps. Rejects with a CanaryError `failed`, or with the signal's reason.
 */
export function apiReader(requester: Requester): ApiRead {
  return async (evidence, signal) => {
    try {
      return await readServed(requester, evidence, signal)
    } catch (error) {
      if (signal.aborted) throw signal.reason
      throw new CanaryError(
        'failed',
        `${evidence.kind}: ${error instanceof Error ? error.message : String(error)}`,
        { cause: error },
      )
    }
  }
}

/** Without the right to these, which an earlier release of the chart did not grant, pods count by their own labels. */
const optionalKinds: ReadonlySet<Kind> = new Set(['ControllerRevision'])

/** Reads from the first version that is served; after a 404 of all versions, object or kind do not exist. */
async function readServed(
  requester: Requester,
  evidence: RestsOn,
  signal: AbortSignal,
): Promise<readonly KubeObject[]> {
  const labels = evidence.name === undefined ? evidence.labels : undefined
  for (const version of resources[evidence.kind].versions) {
    const fetch: Fetch = {
      requester,
      signal,
      path: apiPath(evidence.kind, version, evidence),
      query: labels === undefined ? {} : { labelSelector: formatLabels(labels) },
      timers: systemTimers,
      idleMs: 10_000,
    }
    try {
      const objects =
        evidence.name === undefined ? await listed(fetch) : [parseJson(await readText(fetch)) as KubeObject]
      const typed = objects.map(object => ({
        ...object,
        kind: apiKindOf(evidence.kind),
        apiVersion: apiVersionOf(evidence.kind, version),
      }))
      // Of those with some labels all count: what admits pods may give them labels that their template does not say.
      return typed.filter(object => labels !== undefined || !isDerivable(object)).map(projected)
    } catch (error) {
      if (isForbidden(error) && optionalKinds.has(evidence.kind)) return []
      if (!isAbsent(error)) throw error
    }
  }
  return []
}

function projected(object: KubeObject): KubeObject {
  const kept = projectObject(object)
  // The view does not have it either: a denial must not depend on its absence.
  if (kept === undefined)
    throw new Error(`${object.metadata.namespace ?? ''}/${object.metadata.name} is too large to be judged`)
  return kept
}

async function listed(fetch: Fetch): Promise<readonly KubeObject[]> {
  const objects: KubeObject[] = []
  for await (const { items } of listPages(fetch)) objects.push(...items)
  return objects
}
