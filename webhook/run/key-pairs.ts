import { isIP } from 'node:net'
import type { Logger } from 'pino'
import { CanaryError } from '../../shared/objects/canary-error.ts'
import type { Connection } from '../../shared/live/connection/connection.ts'
import { rotatedKeyPair } from '../certificate/rotated-key-pair.ts'
import { mountedKeyPair } from '../certificate/mounted-key-pair.ts'
import type { Metrics } from '../observe/metrics.ts'
import type { KeyPairSource } from '../certificate/key-pair.ts'
import type { Options } from './options.ts'

/** What both sources of certificates need. */
export interface KeyPairParts {
  readonly connection: Connection
  readonly log: Logger
  readonly metrics: Metrics
}

/**
 * The source of the serving certificate that the options choose. Throws a CanaryError `usage` if an option is
 * missing.
 */
export function keyPairSourceOf(options: Options, { connection, log, metrics }: KeyPairParts): KeyPairSource {
  const problem =
    (what: string) =>
    (error: unknown): void => {
      metrics.errors.inc({ reason: 'certificate' })
      log.error({ error: error instanceof Error ? error.message : String(error) }, what)
    }
  if (options.certificateDir !== undefined)
    return mountedKeyPair(options.certificateDir, problem('mounted certificate cannot be read'))
  const [namespace, name] = namespaced(options.certificateSecret, 'certificate-secret')
  const webhookConfigurationName = required(options.webhookConfiguration, 'webhook-configuration')
  return rotatedKeyPair({
    connection,
    secretRef: { namespace, name },
    webhookConfigurationName,
    ...serverNames(options),
    onProblem: problem('certificate could not be renewed or published; retrying'),
  })
}

/** The names that the API server calls: that of the Service, and those of --certificate-names. */
function serverNames({ service, certificateNames }: Options): {
  readonly dnsNames: readonly string[]
  readonly ipAddresses: readonly string[]
} {
  const dnsName =
    service === undefined ? [] : [`${namespaced(service, 'service').toReversed().join('.')}.svc`]
  const all = [
    ...dnsName,
    ...(certificateNames ?? '')
      .split(',')
      .map(name => name.trim())
      .filter(name => name !== ''),
  ]
  if (all.length === 0)
    throw new CanaryError(
      'usage',
      '--certificate-secret needs names for the certificate: give --service or --certificate-names',
    )
  return { dnsNames: all.filter(name => isIP(name) === 0), ipAddresses: all.filter(name => isIP(name) !== 0) }
}

function namespaced(value: string | undefined, flag: string): readonly [string, string] {
  const [namespace, name, ...rest] = required(value, flag).split('/')
  if (!namespace || !name || rest.length > 0)
    throw new CanaryError('usage', `--${flag} ${value}: not of the form NAMESPACE/NAME`)
  return [namespace, name]
}

function required(value: string | undefined, flag: string): string {
  if (value === undefined) throw new CanaryError('usage', `--certificate-secret needs --${flag}`)
  return value
}
