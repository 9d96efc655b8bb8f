import { Option, type Command } from 'commander'
import { CanaryError } from '../../shared/objects/canary-error.ts'
import { anyFile, completed } from './completed.ts'

/** What was typed of the server of live figures. */
export interface PrometheusFlags {
  readonly prometheus?: string
  readonly prometheusTokenFile?: string
  readonly prometheusBasicAuthFile?: string
  readonly prometheusCertificateAuthority?: string
  readonly prometheusInsecureSkipTlsVerify?: boolean
}

/** The names of these flags. */
export const prometheusKeys = [
  'prometheus',
  'prometheusTokenFile',
  'prometheusBasicAuthFile',
  'prometheusCertificateAuthority',
  'prometheusInsecureSkipTlsVerify',
] as const satisfies readonly (keyof PrometheusFlags)[]

/** A Prometheus by its URL, and how to be let in. */
export interface PrometheusServer {
  /** Without credentials, without a slash at its end. */
  readonly url: URL
  readonly basic?: { readonly user: string; readonly password: string }
  readonly tokenFile?: string
  readonly basicAuthFile?: string
  readonly authorityFile?: string
  readonly skipVerify: boolean
}

/** Declares the flags of a command that shows live figures. */
export function declarePrometheusFlags(command: Command): void {
  command
    .option(
      '--prometheus <url>',
      'the Prometheus with the live figures, or none (default: $KUBECTL_CANARY_PROMETHEUS, else one found in the cluster)',
    )
    .addOption(
      completed(
        new Option('--prometheus-token-file <file>', 'a file with a bearer token for --prometheus'),
        anyFile,
      ),
    )
    .addOption(
      completed(
        new Option(
          '--prometheus-basic-auth-file <file>',
          'a file with USER:PASSWORD for --prometheus, instead of in its URL',
        ),
        anyFile,
      ),
    )
    .addOption(
      completed(
        new Option('--prometheus-certificate-authority <file>', 'CA certificate of --prometheus'),
        anyFile,
      ),
    )
    .option('--prometheus-insecure-skip-tls-verify', 'do not verify the certificate of --prometheus')
}

/**
 * The Prometheus that was named, `none` where none is wanted, undefined where one may be looked for. Files are shown
 * without what the environment says. Throws `usage` for flags that do not fit.
 */
export function prometheusServerOf(
  flags: PrometheusFlags,
  { env, live }: { readonly env: Readonly<Record<string, string | undefined>>; readonly live: boolean },
): PrometheusServer | 'none' | undefined {
  const text = flags.prometheus ?? ((live && env['KUBECTL_CANARY_PROMETHEUS']) || undefined)
  if (text === undefined || text === 'none') {
    const lone = extras.find(([key]) => flags[key] !== undefined)
    if (lone !== undefined)
      throw usage(`${lone[1]} needs --prometheus URL`, 'Name the server, or leave the flag out.')
    return text
  }
  const { prometheusTokenFile: tokenFile, prometheusBasicAuthFile: basicAuthFile } = flags
  const { url, basic } = serverUrl(text, flags.prometheus === undefined)
  const proofs = [tokenFile, basicAuthFile, basic].filter(proof => proof !== undefined)
  if (proofs.length > 1)
    throw usage(
      '--prometheus has more than one kind of credentials',
      'Use one of --prometheus-token-file, --prometheus-basic-auth-file and USER:PASSWORD@ in the URL.',
    )
  const authorityFile = flags.prometheusCertificateAuthority
  return {
    url,
    ...(basic && { basic }),
    ...(tokenFile !== undefined && { tokenFile }),
    ...(basicAuthFile !== undefined && { basicAuthFile }),
    ...(authorityFile !== undefined && { authorityFile }),
    skipVerify: flags.prometheusInsecureSkipTlsVerify === true,
  }
}

const extras = [
  ['prometheusTokenFile', '--prometheus-token-file'],
  ['prometheusBasicAuthFile', '--prometheus-basic-auth-file'],
  ['prometheusCertificateAuthority', '--prometheus-certificate-authority'],
  ['prometheusInsecureSkipTlsVerify', '--prometheus-insecure-skip-tls-verify'],
] as const

function serverUrl(
  text: string,
  isOfEnvironment: boolean,
): { readonly url: URL; readonly basic?: PrometheusServer['basic'] } {
  const url = URL.canParse(text) ? new URL(text) : undefined
  // What was typed may hold a password, so it is not repeated.
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.hostname === '')
    throw usage(
      `${isOfEnvironment ? 'KUBECTL_CANARY_PROMETHEUS' : '--prometheus'} is not the URL of a server`,
      'It must start with http:// or https://, as http://localhost:9090; none shows no live figures.',
    )
  const [user, password] = [url.username, url.password].map(part => decoded(part))
  for (const key of ['username', 'password', 'search', 'hash'] as const) url[key] = ''
  url.pathname = url.pathname.replace(/\/+$/, '').replace(/\/api\/v1$/, '')
  return user === '' && password === '' ? { url } : { url, basic: { user: user!, password: password! } }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

const usage = (message: string, hint: string): CanaryError =>
  new CanaryError('usage', message, { hints: [hint] })
