import { type Command, Option } from 'commander'
import { CanaryError } from '../../shared/objects/canary-error.ts'
import type { MeshOverrides } from '../../shared/view/mesh.ts'
import type { DryRun } from '../../shared/view/store.ts'
import { declareMeshFlags } from './mesh-flags.ts'
import { declareWriteFlags, writingOf, type WriteFlags } from './write-flags.ts'
import { meshOf } from '../words/mesh.ts'
import { checkNamespace } from '../words/names.ts'
import { routingApiOf } from '../words/routing-api.ts'
import { parseSelector, type LabelTest } from '../words/selector.ts'
import { bareDryRun } from './argv.ts'
import {
  anyFile,
  completed,
  formats,
  inKubeconfig,
  namespaces,
  oneOf,
  type CompletionSource,
} from './completed.ts'

/** How a cluster is chosen and who we are there: kubectl's flags, for the store to read as kubectl does. */
export interface ConnectionFlags {
  readonly kubeconfig?: string | undefined
  readonly context?: string | undefined
  readonly cluster?: string | undefined
  readonly user?: string | undefined
  readonly as?: string | undefined
  readonly asGroups: readonly string[]
  readonly asUid?: string | undefined
  /** As it was typed: `30`, `5s`; 0 means no limit. */
  readonly requestTimeout?: string | undefined
  readonly server?: string | undefined
  readonly token?: string | undefined
  readonly insecureSkipTlsVerify: boolean
  readonly certificateAuthority?: string | undefined
  readonly clientCertificate?: string | undefined
  readonly clientKey?: string | undefined
  readonly tlsServerName?: string | undefined
  readonly cacheDir?: string | undefined
}

/** The flags that every command understands. */
export interface GlobalFlags {
  readonly connection: ConnectionFlags
  readonly namespace?: string | undefined
  readonly allNamespaces: boolean
  /** Files and folders, `-` for standard input; none means the cluster. */
  readonly files: readonly string[]
  /** The folder of a kustomization to build and work on. */
  readonly kustomization?: string | undefined
  readonly output?: string | undefined
  /** The routing API that is meant, whatever others route a service. */
  readonly provider?: string | undefined
  /** Which Services are meant, by their labels. */
  readonly selects?: LabelTest | undefined
  readonly dryRun: DryRun
  /** How an edit is written to a cluster, and what is recorded of it. */
  readonly writing: WriteFlags
  /** The mesh's settings, as far as they were typed. */
  readonly mesh: MeshOverrides
  /**
   * kubectl's log level: from 1 what missing rights leave unchecked, from 6 each request, from 9 the stack of an
   * unexpected error.
   */
  readonly verbosity: number
  /** Notes about the flags for the person. */
  readonly notes: readonly string[]
}

const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value]
const collectList = (value: string, before: readonly string[]): readonly string[] => [
  ...before,
  ...value.split(','),
]

/** Declares kubectl's flags; they may be typed before and after the verb. */
export function declareGlobalFlags(program: Command): void {
  program.optionsGroup('Input and output:')
  const file = 'a file, a folder, or - for stdin to work on instead of the cluster (repeatable)'
  program
    .addOption(filesOf('-f, --filename <path>', file).argParser(collect).default([]))
    .addOption(
      completed(new Option('-k, --kustomize <dir>', 'a kustomization to build and work on'), anyFile),
    )
    .addOption(completed(new Option('-n, --namespace <name>', 'the namespace to work in'), namespaces))
    .option('-A, --all-namespaces', 'all namespaces, whatever -n says')
    .option('-l, --selector <query>', 'the Services with these labels, like app=web,env in (dev,qa)')
    .addOption(
      completed(
        new Option('-o, --output <format>', 'the format of the output; the help of a command lists them'),
        formats,
      ),
    )
    .addOption(
      completed(
        new Option('--dry-run <mode>', 'none, client (show the diff, write nothing) or server'),
        oneOf('client', 'none', 'server'),
      ),
    )
  declareWriteFlags(program)
  declareMeshFlags(program)
  program.optionsGroup('Cluster and credentials:')
  for (const [flags, description, source] of connectionFlags) {
    const option = new Option(flags, description)
    program.addOption(source === undefined ? option : completed(option, source))
  }
  program
    .option('--as-group <group>', 'group to impersonate (repeatable)', collectList, [])
    .option('--insecure-skip-tls-verify', 'do not verify the certificate of the server')
    .option(
      '--request-timeout <duration>',
      'time limit of one request to the server, like 5s; 0 means no limit',
    )
    .addOption(
      new Option(
        '-v, --v <level>',
        'log level: 1 says what missing rights leave unchecked, 6 shows each request, 9 the stack of an error',
      )
        .default('0')
        .hideHelp(false),
    )
  program.optionsGroup('Flags:').option('--version', 'print the version of kubectl-canary')
}

const filesOf = (flags: string, description: string): Option =>
  completed(new Option(flags, description), anyFile)

const connectionFlags: readonly (readonly [string, string, CompletionSource?])[] = [
  ['--kubeconfig <file>', 'the kubeconfig file', anyFile],
  ['--context <name>', 'kubeconfig context to use', inKubeconfig('contexts')],
  ['--cluster <name>', 'kubeconfig cluster to use', inKubeconfig('clusters')],
  ['--user <name>', 'kubeconfig user to use', inKubeconfig('users')],
  ['-s, --server <url>', 'address of the API server'],
  ['--token <token>', 'bearer token'],
  ['--as <user>', 'user to impersonate'],
  ['--as-uid <uid>', 'UID to impersonate'],
  ['--certificate-authority <file>', 'CA certificate of the server', anyFile],
  ['--client-certificate <file>', 'client certificate', anyFile],
  ['--client-key <file>', 'client key', anyFile],
  ['--tls-server-name <name>', 'server name to verify the certificate with'],
  [
    '--cache-dir <dir>',
    "kubectl's cache of the kinds that a cluster serves (default: ~/.kube/cache)",
    anyFile,
  ],
]

/** Reads the flags that commander has parsed; throws `usage` for values that do not fit. */
export function readGlobalFlags(program: Command): GlobalFlags {
  const {
    filename,
    kustomize: kustomization,
    namespace,
    allNamespaces = false,
    output,
    selector,
    version: _,
    dryRun,
    v,
    asGroup,
    rootNamespace,
    clusterDomain,
    defaultExportTo,
    reason,
    settle,
    readyTimeout,
    drain,
    historyLimit,
    emitPatch,
    provider,
    ...connection
  } = program.opts()
  const { mode, notes } = dryRunOf(dryRun)
  checkSources({ filename, kustomization, mode })
  if (namespace !== undefined) checkNamespace(namespace)
  if (!/^\d{1,4}$/.test(v))
    throw new CanaryError('usage', `-v ${v} is not a number`, { hints: ['Use a level from 0 to 10.'] })
  return {
    connection: {
      ...connection,
      asGroups: asGroup,
      insecureSkipTlsVerify: connection['insecureSkipTlsVerify'] === true,
    },
    namespace,
    allNamespaces,
    files: filename,
    kustomization,
    output,
    provider: routingApiOf(provider),
    selects: selector === undefined ? undefined : parseSelector(selector),
    dryRun: mode,
    writing: writingOf({ reason, settle, readyTimeout, drain, historyLimit, emitPatch }),
    mesh: meshOf({ rootNamespace, clusterDomain, defaultExportTo }),
    verbosity: Number(v),
    notes,
  }
}

/** Throws `usage` where the flags name files in two ways, or a server's dry run of files. */
function checkSources({
  filename,
  kustomization,
  mode,
}: {
  readonly filename: readonly string[]
  readonly kustomization: string | undefined
  readonly mode: DryRun
}): void {
  if (kustomization !== undefined && filename.length > 0)
    throw new CanaryError('usage', '--kustomize cannot be used with --filename', {
      hints: ['Leave one of them out.'],
    })
  if (mode === 'server' && (filename.length > 0 || kustomization !== undefined)) {
    throw new CanaryError(
      'usage',
      `--dry-run=server cannot be used with ${filename.length > 0 ? '--filename' : '--kustomize'}`,
      {
        hints: ['Use --dry-run=client with -f.'],
      },
    )
  }
}

/** As `cmdutil.GetDryRunStrategy` of kubectl has it. */
function dryRunOf(value: string | undefined): { readonly mode: DryRun; readonly notes: readonly string[] } {
  if (value === undefined || value === 'none') return { mode: 'none', notes: [] }
  if (value === 'client' || value === 'server') return { mode: value, notes: [] }
  if (value === bareDryRun)
    return { mode: 'client', notes: ['--dry-run is deprecated and can be replaced with --dry-run=client'] }
  throw new CanaryError('usage', `invalid --dry-run value "${value}"`, {
    hints: ['Use none, client or server.'],
  })
}
