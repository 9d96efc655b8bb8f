import { systemTimers, type Timers } from '../../shared/live/watch/stream/timers.ts'
import type { KeyPairSource } from './key-pair.ts'
import type { ServerNames } from './authority.ts'
import type { ApiRequests, ApiStreams } from './api-connection.ts'
import { followObject } from './follow-object.ts'
import { ClusterAccess, secretPath, type CertificateLocations } from './cluster-access.ts'
import { webhookConfigurationPath } from './webhook-configuration.ts'
import { Rotator } from './rotator.ts'

/** Where certificates are stored, which names they are for, and the connection to the API server. */
export interface RotationOptions extends CertificateLocations, ServerNames {
  readonly connection: ApiRequests & ApiStreams
  /** Called for every failure; the certificate in use stays in use, and another attempt follows. */
  readonly onProblem: (error: unknown) => void
  readonly timers?: Timers
}

/**
 * Certificates that the guard issues and renews, and that it makes the API server trust. Replicas need no
 * leader.
 */
export function rotatedKeyPair({
  connection,
  onProblem,
  timers = systemTimers,
  ...options
}: RotationOptions): KeyPairSource {
  const ended = new AbortController()
  const access = new ClusterAccess(connection, options)
  const { secretRef, webhookConfigurationName } = options
  let running: Promise<unknown> = Promise.resolve()
  return {
    start: serve => {
      const { signal } = ended
      const rotator = new Rotator({ access, names: options, serve, timers, onProblem, signal })
      const onEvent = (): void => rotator.wake()
      running = Promise.all([
        rotator.run(),
        followObject(
          connection,
          { path: secretPath(secretRef.namespace), name: secretRef.name, onEvent },
          { timers, signal },
        ),
        followObject(
          connection,
          { path: webhookConfigurationPath(), name: webhookConfigurationName, onEvent },
          { timers, signal },
        ),
      ])
    },
    close: async () => {
      ended.abort(new Error('the certificates are no longer needed'))
      await running
    },
  }
}
