import { apiPath } from '../../shared/live/api-path.ts'
import { Backoff } from '../../shared/live/watch/backoff.ts'
import { pause, systemTimers, type Timers } from '../../shared/live/watch/stream/timers.ts'
import type { ApiRequests, ApiStreams } from '../certificate/api-connection.ts'
import { followObject } from '../certificate/follow-object.ts'
import { webhookConfigurationPath } from '../certificate/webhook-configuration.ts'

/** The namespace whose deletion to wait for, and the configuration to empty then. */
export interface DisableOptions {
  readonly connection: ApiRequests & ApiStreams
  readonly namespace: string
  readonly webhookConfigurationName: string
  /** Called once, before the first write: from then on nothing else may write the configuration. */
  readonly onDeletion: () => void
  /** Called when the configuration has no webhooks. */
  readonly onDisabled: () => void
  readonly onProblem: (error: unknown) => void
  readonly signal: AbortSignal
  readonly timers?: Timers
}

const retries = { first: 100, longest: 2_000 }

/**
 * Empties the webhook configuration as soon as the guard's own namespace is being deleted. A deletion cannot be
 * undone, and the configuration, which belongs to no namespace, outlives the Service and the pods: with
 * failurePolicy Fail every write would be blocked. The namespace controller waits five seconds before it deletes
 * the first object, so there is time for this write. Never rejects.
 */
export async function disableWithNamespace(options: DisableOptions): Promise<void> {
  const { connection, namespace, onDeletion, signal, timers = systemTimers } = options
  let isDisabling = false
  await followObject(
    connection,
    {
      path: apiPath('Namespace', 'v1'),
      name: namespace,
      onEvent: ({ metadata: { deletionTimestamp, uid } }) => {
        if (deletionTimestamp === undefined || isDisabling) return
        isDisabling = true
        onDeletion()
        void disable(options, uid, timers)
      },
    },
    { timers, signal },
  )
}

async function disable(
  { connection, namespace, webhookConfigurationName, onDisabled, onProblem, signal }: DisableOptions,
  uid: string | undefined,
  timers: Timers,
): Promise<void> {
  const backoff = new Backoff(timers, retries)
  const patch = async (body: object): Promise<void> => {
    const path = webhookConfigurationPath(webhookConfigurationName)
    const { status, text } = await connection.request({
      method: 'PATCH',
      path,
      query: { fieldManager: 'canary-guard' },
      contentType: 'application/merge-patch+json',
      body,
      signal,
    })
    // 404: it is deleted, or never existed.
    if (status >= 300 && status !== 404) throw new Error(`PATCH ${path}: ${status} ${text.slice(0, 200)}`)
  }
  let isEmpty = false
  while (!isEmpty && !signal.aborted) {
    try {
      await patch({ webhooks: [] })
      isEmpty = true
      onDisabled()
      // Lets the garbage collector delete it, where Helm set no owner because it created the namespace itself.
      await patch({
        metadata: { ownerReferences: [{ apiVersion: 'v1', kind: 'Namespace', name: namespace, uid }] },
      })
    } catch (error) {
      if (!signal.aborted) onProblem(error)
      if (!isEmpty) await pause(timers, backoff.next(), signal)
    }
  }
}
