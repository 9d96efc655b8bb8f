import { systemTimers, type Timers } from '../../shared/live/watch/stream/timers.ts'
import type { ServerNames } from './authority.ts'
import { ClusterAccess, type Caller, type Places } from './cluster-access.ts'
import { followMountedPair, type PairFiles } from './mounted-pair.ts'
import { Rotator } from './rotator.ts'
import { ServedPair, type Served } from './served.ts'

interface Common {
  /** Told of every failure; whatever it is, the certificate in use stays in use and another attempt follows. */
  readonly onProblem?: (error: unknown) => void
  readonly timers?: Timers
}

/** `rotator` makes and renews certificates itself and has them trusted; `files` serves what cert-manager or a user's Secret puts there. */
export type CertificateOptions =
  | Common & { readonly mode: 'rotator'; readonly connection: Caller } & Places & ServerNames
  | Common & { readonly mode: 'files'; readonly files: PairFiles }

/** The certificate in use, until stopped. */
export interface Certificates extends Served {
  /** Ends everything; resolves when nothing runs any more. */
  stop(): Promise<void>
}

/** Starts to provide a certificate. Never throws or rejects: until there is one, `current()` is undefined. */
export function startCertificates(options: CertificateOptions): Certificates {
  const { timers = systemTimers } = options
  const ended = new AbortController()
  const onProblem = (error: unknown): void => {
    try {
      options.onProblem?.(error)
    } catch {
      // Who cannot even be told of a problem is not told.
    }
  }
  const served = new ServedPair(onProblem)
  const { signal } = ended
  const running = options.mode === 'files'
    ? followMountedPair({ files: options.files, served, timers, onProblem, signal })
    : new Rotator({ access: new ClusterAccess(options.connection, options), names: options, served, timers, onProblem, signal }).run()
  return {
    current: () => served.current(),
    onRotate: callback => served.onRotate(callback),
    expiresAt: () => served.expiresAt(),
    ready: served.ready,
    stop: async () => {
      ended.abort(new Error('stopped'))
      served.settle()
      await running
    },
  }
}
