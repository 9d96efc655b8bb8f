import { systemTimers, pause, type Timers } from '../../shared/live/watch/stream/timers.ts'
import { Backoff } from '../../shared/live/watch/backoff.ts'
import type { ApiRequest } from '../../shared/live/connection/connection.ts'
import { followObject, type Streamer } from '../certificate/follow-object.ts'

/** All that leaving needs of a connection. */
export interface LeavingConnection extends Streamer {
  request(asked: ApiRequest): Promise<{ readonly status: number; readonly text: string }>
}

/** Whose end to wait for, and what to empty then. */
export interface Leaving {
  readonly connection: LeavingConnection
  readonly namespace: string
  readonly webhookConfigurationName: string
  /** Told first, once: from now on nothing else of ours may write the configuration. */
  readonly onLeave: () => void
  /** Told when the configuration calls nobody any more. */
  readonly onLeft: () => void
  readonly onProblem: (error: unknown) => void
  readonly signal: AbortSignal
  readonly timers?: Timers
}

const retries = { first: 100, longest: 2_000 }

/**
 * Empties the configuration as soon as the guard's own namespace is being deleted. That cannot be taken back,
 * and the configuration, which belongs to no
 * namespace, outlives the Service and the pods by as long as they take to stop: with failurePolicy Fail every
 * write would be blocked meanwhile. The namespace
 * controller lets five seconds pass before it deletes the first object, so this comes first. Nothing else
 * makes the guard write there. Never rejects.
 */
export async function leaveWithNamespace(leaving: Leaving): Promise<void> {
  const { connection, namespace, onLeave, signal, timers = systemTimers } = leaving
  let isLeaving = false
  await followObject(
    connection,
    {
      path: '/api/v1/namespaces',
      name: namespace,
      onEvent: ({ metadata: { deletionTimestamp, uid } }) => {
        if (deletionTimestamp === undefined || isLeaving) return
        isLeaving = true
        onLeave()
        void empty(leaving, uid, timers)
      },
    },
    { timers, signal },
  )
}

async function empty(
  { connection, namespace, webhookConfigurationName, onLeft, onProblem, signal }: Leaving,
  uid: string | undefined,
  timers: Timers,
): Promise<void> {
  const backoff = new Backoff(timers, retries)
  const patch = async (body: object): Promise<void> => {
    const path = `/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/${webhookConfigurationName}`
    const { status, text } = await connection.request({
      method: 'PATCH',
      path,
      query: { fieldManager: 'canary-guard' },
      contentType: 'application/merge-patch+json',
      body,
      signal,
    })
    // 404: it has gone already, or was never there.
    if (status >= 300 && status !== 404) throw new Error(`PATCH ${path}: ${status} ${text.slice(0, 200)}`)
  }
  let isEmpty = false
  while (!isEmpty && !signal.aborted) {
    try {
      await patch({ webhooks: [] })
      isEmpty = true
      onLeft()
      // For the garbage collector to take the rest, should Helm not have said so: it cannot where it makes
      // the namespace itself.
      await patch({
        metadata: { ownerReferences: [{ apiVersion: 'v1', kind: 'Namespace', name: namespace, uid }] },
      })
    } catch (error) {
      if (!signal.aborted) onProblem(error)
      if (!isEmpty) await pause(timers, backoff.next(), signal)
    }
  }
}
