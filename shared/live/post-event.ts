import { randomUUID } from 'node:crypto'
import type { ServiceIdentity } from '../view/history.ts'
import { resourcePath } from './api-path.ts'
import type { Connection } from './connection/connection.ts'

/** What is reported about a Service. */
export interface ServiceEvent {
  readonly owner?: ServiceIdentity | undefined
  readonly namespace: string
  readonly type: 'Normal' | 'Warning'
  /** In UpperCamelCase, as the Events of Kubernetes. */
  readonly reason: string
  readonly action: string
  readonly message: string
  /** RFC 3339, in seconds: an Event takes no more. */
  readonly at: string
}

/** The API server takes no longer message of an Event. */
const longestMessage = 1024

/**
 * An Event on a Service, which `kubectl describe service` shows. Whoever may not create Events does without
 * them, so a refusal is no error. There is none where the service is not a Service.
 */
export async function postEvent(connection: Connection, event: ServiceEvent): Promise<void> {
  const { owner, namespace, type, reason, action, message, at } = event
  if (owner === undefined) return
  await connection
    .request({
      method: 'POST',
      path: resourcePath({ group: '', version: 'v1', plural: 'events', namespaced: true }, { namespace }),
      query: { fieldManager: 'kubectl-canary' },
      body: {
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name: `${owner.name}.${randomUUID().slice(0, 8)}`, namespace },
        involvedObject: { apiVersion: 'v1', kind: 'Service', namespace, ...owner },
        type,
        reason,
        action,
        message: message.slice(0, longestMessage),
        source: { component: 'kubectl-canary' },
        reportingComponent: 'kubectl-canary',
        reportingInstance: 'kubectl-canary',
        firstTimestamp: at,
        lastTimestamp: at,
        count: 1,
      },
    })
    .catch(() => undefined)
}
