import { type Command, Option } from 'commander'
import { CanaryError } from '../../shared/objects/canary-error.ts'
import type { DryRun } from '../../shared/view/store.ts'
import { bareDryRun } from './argv.ts'

/** How a cluster is chosen and who we are there: kubectl's flags, for the store to read as kubectl does. */
export interface Connection {
  readonly kubeconfig?: string | undefined
  readonly context?: string | undefined
  readonly cluster?: string | undefined
  readonly user?: string | undefined
  readonly as?: string | undefined
  readonly asGroups: readonly string[]
  readonly asUid?: string | undefined
  /** As it was typed: `30`, `5s`; 0 waits for ever. */
  readonly requestTimeout?: string | undefined
  readonly server?: string | undefined
  readonly token?: string | undefined
  readonly insecureSkipTlsVerify: boolean
  readonly certificateAuthority?: string | undefined
  readonly clientCertificate?: string | undefined
  readonly clientKey?: string | undefined
  readonly tlsServerName?: string | undefined
}

/** The flags that every command understands. */
export interface GlobalFlags {
  readonly connection: Connection
  readonly namespace?: string | undefined
  readonly allNamespaces: boolean
  /** Files and folders, `-` for standard input; none means the cluster. */
  readonly files: readonly string[]
  readonly output?: string | undefined
  readonly dryRun: DryRun
  /** kubectl's log level; 9 shows the stack of an unexpected fault. */
  readonly verbosity: number
  /** Things to tell the person about the flags. */
  readonly notes: readonly string[]
}

const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value]
const collectList = (value: string, before: readonly string[]): readonly string[] => [
  ...before,
  ...value.split(','),
]

/** Declares kubectl's flags; they may stand before and after the verb. */
export function declareGlobalFlags(program: Command): void {
  program
    .optionsGroup('Where and how:')
    .option(
      '-f, --filename <path>',
      'manifests to work on instead of the cluster: a file, a folder, or - for stdin (repeatable)',
      collect,
      [],
    )
    .option('-n, --namespace <name>', 'the namespace of the request')
    .option('-A, --all-namespaces', 'all namespaces (status, cohorts, lint)')
    .option('-o, --output <format>', 'json, yaml or name; status also wide')
    .option('--dry-run <mode>', 'none, client (show the difference, write nothing) or server')
  program.optionsGroup('Which cluster, and as whom:')
  for (const [flags, description] of connectionFlags) program.option(flags, description)
  program
    .option('--as-group <group>', 'group to impersonate (repeatable)', collectList, [])
    .option('--insecure-skip-tls-verify', "do not check the server's certificate")
    .option(
      '--request-timeout <duration>',
      'how long to wait for one answer of the server, like 5s; 0 waits for ever',
    )
    .addOption(
      new Option('-v, --v <level>', 'log level; 9 shows where an unexpected fault comes from')
        .default('0')
        .hideHelp(false),
    )
}

const connectionFlags: readonly (readonly [string, string])[] = [
  ['--kubeconfig <file>', 'path of the kubeconfig file'],
  ['--context <name>', 'kubeconfig context to use'],
  ['--cluster <name>', 'kubeconfig cluster to use'],
  ['--user <name>', 'kubeconfig user to use'],
  ['-s, --server <url>', 'address of the API server'],
  ['--token <token>', 'bearer token'],
  ['--as <user>', 'user to impersonate'],
  ['--as-uid <uid>', 'UID to impersonate'],
  ['--certificate-authority <file>', 'certificate that signs the server’s'],
  ['--client-certificate <file>', 'client certificate'],
  ['--client-key <file>', 'client key'],
  ['--tls-server-name <name>', 'server name to check the certificate against'],
]

/** Reads the flags that commander has parsed; throws `usage` for values that do not fit. */
export function readGlobalFlags(program: Command): GlobalFlags {
  const {
    filename,
    namespace,
    allNamespaces = false,
    output,
    dryRun,
    v,
    asGroup,
    ...connection
  } = program.opts()
  const { mode, notes } = dryRunOf(dryRun)
  if (mode === 'server' && filename.length > 0) {
    throw new CanaryError('usage', '--dry-run=server asks a cluster, and -f works on files', {
      hints: ['Use --dry-run=client with -f.'],
    })
  }
  if (allNamespaces && namespace !== undefined)
    throw new CanaryError('usage', '-A and -n exclude each other', { hints: ['Leave one of them out.'] })
  if (namespace !== undefined && !/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(namespace)) {
    throw new CanaryError('usage', `"${namespace}" is no name of a namespace`, {
      hints: ['It has lower-case letters, digits and dashes, at most 63.'],
    })
  }
  if (!/^\d{1,4}$/.test(v))
    throw new CanaryError('usage', `-v ${v} is not a number`, { hints: ['It is a level from 0 to 10.'] })
  return {
    connection: {
      ...connection,
      asGroups: asGroup,
      insecureSkipTlsVerify: connection['insecureSkipTlsVerify'] === true,
    },
    namespace,
    allNamespaces,
    files: filename,
    output,
    dryRun: mode,
    verbosity: Number(v),
    notes,
  }
}

/** As `cmdutil.GetDryRunStrategy` of kubectl has it. */
function dryRunOf(value: string | undefined): { readonly mode: DryRun; readonly notes: readonly string[] } {
  if (value === undefined || value === 'none') return { mode: 'none', notes: [] }
  if (value === 'client' || value === 'server') return { mode: value, notes: [] }
  if (value === bareDryRun)
    return { mode: 'client', notes: ['--dry-run is deprecated and can be replaced with --dry-run=client'] }
  throw new CanaryError('usage', `--dry-run=${value} is not known`, {
    hints: ['It is none, client or server.'],
  })
}

/** A format that the command has, or `usage`. */
export function outputOf<F extends string>(output: string | undefined, formats: readonly F[]): F | undefined {
  if (output === undefined) return undefined
  const format = formats.find(known => known === output)
  if (format === undefined)
    throw new CanaryError('usage', `-o ${output} is not known here`, {
      hints: [`It is one of ${formats.join(', ')}.`],
    })
  return format
}
