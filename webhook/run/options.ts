import { parseArgs } from 'node:util'
import { CanaryError } from '../../shared/objects/canary-error.ts'

/** The options of the process; `usage` explains each. */
export interface Options {
  readonly host: string | undefined
  readonly port: number
  readonly probePort: number
  readonly config: string | undefined
  readonly kubeconfig: string | undefined
  readonly certificateDir: string | undefined
  readonly certificateSecret: string | undefined
  readonly service: string | undefined
  readonly certificateNames: string | undefined
  readonly webhookConfiguration: string | undefined
  readonly clientCA: string | undefined
  readonly trustedCallers: 'certificate' | 'network'
  readonly apiServerAddresses: string | undefined
  readonly drainSeconds: number
  readonly logLevel: string
}

interface Flag {
  readonly name: string
  readonly fallback?: string
  readonly help: string
}

const flags: readonly Flag[] = [
  { name: 'host', help: 'address to listen on; all addresses when left out' },
  { name: 'port', fallback: '10250', help: 'port for the API server (TLS)' },
  { name: 'probe-port', fallback: '8080', help: 'port for /healthz, /readyz and /metrics (plain)' },
  { name: 'config', help: 'configuration file, YAML or JSON; read again after changes' },
  { name: 'kubeconfig', help: 'kubeconfig file; the service account of the pod when left out' },
  { name: 'certificate-dir', help: 'folder with tls.crt and tls.key; read again after renewals' },
  {
    name: 'certificate-secret',
    help: 'NAMESPACE/NAME of the Secret in which the guard keeps the CA and the certificate that it issues',
  },
  {
    name: 'service',
    help:
      'NAMESPACE/NAME of the Service: its DNS name is in the issued certificate, '
      + 'and the webhook is disabled when its namespace is deleted',
  },
  {
    name: 'certificate-names',
    help: 'further names and addresses in the issued certificate, separated by commas',
  },
  {
    name: 'webhook-configuration',
    help:
      'ValidatingWebhookConfiguration whose caBundle is written, with an issued certificate; '
      + 'emptied when the namespace is deleted',
  },
  {
    name: 'client-ca',
    help: "file with the authority (PEM) of the API server's client certificate; read at the start",
  },
  {
    name: 'trusted-callers',
    fallback: 'certificate',
    help:
      'who is told names of other namespaces: certificate (callers with a certificate of --client-ca) '
      + 'or network (all, because only the API server reaches the port)',
  },
  {
    name: 'api-server-addresses',
    help:
      'ranges from which API servers call where the network is trusted, separated by commas, exceptions after a !: '
      + 'their reviews have memory of their own; all callers when left out',
  },
  { name: 'drain-seconds', fallback: '10', help: 'seconds to keep serving after SIGTERM' },
  { name: 'log-level', fallback: 'info', help: 'trace, debug, info, warn, error or silent' },
]

const envOf = (name: string): string => `CANARY_GUARD_${name.toUpperCase().replaceAll('-', '_')}`

/** The text of --help. */
export const usage = [
  'canary-guard: a validating webhook for canary routing',
  '',
  ...flags.map(
    ({ name, fallback, help }) =>
      `  --${name.padEnd(22)} ${help}${fallback === undefined ? '' : ` (default ${fallback})`}`,
  ),
  '',
  `Each can be set as an environment variable too: --probe-port as ${envOf('probe-port')}.`,
].join('\n')

/** The options from arguments, else from the environment; undefined for --help. Throws a CanaryError `usage`. */
export function optionsOf(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Options | undefined {
  const values = valuesOf(
    argv,
    flags.map(({ name }) => name),
  )
  if (values['help'] === true) return undefined
  const text = (name: string): string | undefined => {
    const given = values[name] ?? env[envOf(name)]
    return typeof given === 'string' && given !== ''
      ? given
      : flags.find(flag => flag.name === name)?.fallback
  }
  const number = (name: string, most: number): number => {
    const value = text(name)
    if (value === undefined || !/^\d{1,6}$/.test(value) || Number(value) > most)
      throw new CanaryError('usage', `--${name} ${value}: not a whole number from 0 to ${most}`)
    return Number(value)
  }
  const options: Options = {
    host: text('host'),
    port: number('port', 65_535),
    probePort: number('probe-port', 65_535),
    config: text('config'),
    kubeconfig: text('kubeconfig'),
    certificateDir: text('certificate-dir'),
    certificateSecret: text('certificate-secret'),
    service: text('service'),
    certificateNames: text('certificate-names'),
    webhookConfiguration: text('webhook-configuration'),
    clientCA: text('client-ca'),
    trustedCallers: callersOf(text('trusted-callers')!),
    apiServerAddresses: text('api-server-addresses'),
    drainSeconds: number('drain-seconds', 3600),
    logLevel: levelOf(text('log-level')!),
  }
  if ((options.certificateDir === undefined) === (options.certificateSecret === undefined)) {
    throw new CanaryError('usage', 'give either --certificate-dir or --certificate-secret')
  }
  return options
}

/** The values of the flags with these names, and of --help. Throws a CanaryError `usage` for other arguments. */
export function valuesOf(
  argv: readonly string[],
  names: readonly string[],
): Readonly<Record<string, string | boolean | undefined>> {
  const strings = Object.fromEntries(names.map(name => [name, { type: 'string' as const }]))
  try {
    return parseArgs({
      args: [...argv],
      options: { ...strings, help: { type: 'boolean', short: 'h' } },
      strict: true,
      allowPositionals: false,
    }).values
  } catch (error) {
    throw new CanaryError('usage', error instanceof Error ? error.message : String(error))
  }
}

function callersOf(text: string): Options['trustedCallers'] {
  if (text !== 'certificate' && text !== 'network')
    throw new CanaryError('usage', `--trusted-callers ${text}: neither certificate nor network`)
  return text
}

function levelOf(text: string): string {
  if (!['trace', 'debug', 'info', 'warn', 'error', 'silent'].includes(text))
    throw new CanaryError('usage', `--log-level ${text}: not a level`)
  return text
}
