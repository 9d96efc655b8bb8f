import { systemTimers, type Timers } from '../../shared/live/watch/stream/timers.ts'
import type { KeyPairSource } from './server-key-pair.ts'
import type { ServerNames } from './authority.ts'
import { followObject, type Streamer } from './follow-object.ts'
import { ClusterAccess, configurationsPath, secretsPath, type Caller, type Places } from './cluster-access.ts'
import { Rotator } from './rotator.ts'

/** Where certificates are kept, whom they are for, and how to get there. */
export interface RotationOptions extends Places, ServerNames {
  readonly connection: Caller & Streamer
  /**
   * Told of every failure; whatever it is, the certificate in use stays in use and another attempt follows.
   */
  readonly onProblem: (error: unknown) => void
  readonly timers?: Timers
}

/**
 * Certificates that the guard makes and renews itself, and has the API server trust. Needs no order among
 * replicas.
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
          { path: secretsPath(secretRef.namespace), name: secretRef.name, onEvent },
          { timers, signal },
        ),
        followObject(
          connection,
          { path: configurationsPath, name: webhookConfigurationName, onEvent },
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
