import { CanaryError } from '../../shared/objects/canary-error.ts'
import type { KubeObject } from '../../shared/objects/kube-object.ts'
import { apiKindOf, resources } from '../../shared/objects/kinds.ts'
import { apiPath, apiVersionOf } from '../../shared/live/api-path.ts'
import { isAbsent } from '../../shared/live/watch/stream/api-failure.ts'
import { readText, type Fetch } from '../../shared/live/watch/stream/chunks.ts'
import { listPages } from '../../shared/live/watch/stream/list-pages.ts'
import { parseJson } from '../../shared/live/watch/stream/parse-json.ts'
import type { Requester } from '../../shared/live/watch/stream/requester.ts'
import { systemTimers } from '../../shared/live/watch/stream/timers.ts'
import type { RestsOn } from '../../shared/rules/rule.ts'
import { isTold } from './derivable.ts'
import { projectObject } from './project-object.ts'
import type { ReadAgain } from './single-flight.ts'

/**
 * Reads from the API server as it stands now, and keeps what the view would keep (without a resourceVersion,
 * which makes the read consistent). Rejects with a CanaryError `failed`, or
 * with the signal's reason.
 */
export function apiReader(requester: Requester): ReadAgain {
  return async (resting, signal) => {
    try {
      return await readServed(requester, resting, signal)
    } catch (error) {
      if (signal.aborted) throw signal.reason
      throw new CanaryError(
        'failed',
        `${resting.kind}: ${error instanceof Error ? error.message : String(error)}`,
        { cause: error },
      )
    }
  }
}

/**
 * In the first version that has it; a 404 in all of them is absence, be it of the object or of its kind's
 * definition.
 */
async function readServed(
  requester: Requester,
  resting: RestsOn,
  signal: AbortSignal,
): Promise<readonly KubeObject[]> {
  for (const version of resources[resting.kind].versions) {
    const fetch: Fetch = {
      requester,
      signal,
      path: apiPath(resting.kind, version, resting),
      query: {},
      timers: systemTimers,
      idleMs: 10_000,
    }
    try {
      const objects =
        resting.name === undefined ? await listed(fetch) : [parseJson(await readText(fetch)) as KubeObject]
      const typed = objects.map(object => ({
        ...object,
        kind: apiKindOf(resting.kind),
        apiVersion: apiVersionOf(resting.kind, version),
      }))
      return typed.filter(object => !isTold(object)).map(keptOf)
    } catch (error) {
      if (!isAbsent(error)) throw error
    }
  }
  return []
}

function keptOf(object: KubeObject): KubeObject {
  const kept = projectObject(object)
  // The view has it not: what is denied because of it would be denied for nothing.
  if (kept === undefined)
    throw new Error(`${object.metadata.namespace ?? ''}/${object.metadata.name} is too large to judge by`)
  return kept
}

async function listed(fetch: Fetch): Promise<readonly KubeObject[]> {
  const objects: KubeObject[] = []
  for await (const { items } of listPages(fetch)) objects.push(...items)
  return objects
}
