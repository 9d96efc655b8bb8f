import { randomUUID } from 'node:crypto'
import { resourcePath } from '../api-path.ts'
import type { Announcement } from '../../view/history.ts'
import type { Connection } from '../connection/connection.ts'

/**
 * An Event on the Service, which `kubectl describe service` shows. Whoever may not create Events edits without
 * them, so a refusal is no error.
 */
export async function announceChange(connection: Connection, change: Announcement): Promise<void> {
  const { owner, namespace, title, command, at } = change
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
        type: 'Normal',
        reason: 'TrafficChanged',
        action: 'Edit',
        message: `${title} (${command})`.slice(0, 1024),
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
