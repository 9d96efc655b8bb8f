import type { Logger } from 'pino'
import type { Connection } from '../../shared/live/connection/connect.ts'
import { mountedKeyPair } from '../mounted/mounted-key-pair.ts'
import type { Metrics } from '../observe/metrics.ts'
import type { KeyPairSource } from '../server/key-pair.ts'
import type { Options } from './options.ts'

/** Where the serving certificate comes from, as the options say. */
export function keyPairsOf({ certificateDir }: Options, { log, metrics }: { readonly connection: Connection; readonly log: Logger; readonly metrics: Metrics }): KeyPairSource {
  return mountedKeyPair(certificateDir!, error => {
    metrics.errors.inc({ reason: 'certificate' })
    log.error({ error: error instanceof Error ? error.message : String(error) }, 'the mounted certificate cannot be read')
  })
}
