import { spawn } from 'node:child_process'
import { normalize } from 'node:path'
import { CanaryError } from '../../../objects/canary-error.ts'
import type { Environment, ExecConfig, KubeconfigCluster } from '../login/kubeconfig.ts'

/** What a credential program hands out. */
export interface ExecCredential {
  readonly token?: string
  readonly certificate?: string
  readonly key?: string
  /** Milliseconds since the epoch; none is until the server refuses it. */
  readonly expires?: number
}

export interface ExecSurroundings {
  readonly env: Environment
  readonly isInteractive: boolean
  readonly server: string
  readonly cluster: KubeconfigCluster
}

/** The versions that kubectl still speaks (client-go, plugin/pkg/client/auth/exec). */
const versions = ['client.authentication.k8s.io/v1', 'client.authentication.k8s.io/v1beta1']

/**
 * Runs the kubeconfig's credential program as kubectl does: told by KUBERNETES_EXEC_INFO, its stderr shown,
 * its stdin ours if a person sits there.
 */
export async function readExecCredential(
  exec: ExecConfig,
  surroundings: ExecSurroundings,
): Promise<ExecCredential> {
  const command = checkedCommand(exec)
  const isInteractive = interactivity(exec, surroundings.isInteractive)
  const stdout = await run(command, exec, {
    isInteractive,
    env: environmentOf(exec, surroundings, isInteractive),
  })
  return credentialOf(stdout, exec)
}

function checkedCommand({ command, apiVersion }: ExecConfig): string {
  if (!command)
    throw new CanaryError('unreadable', 'kubeconfig: the user has an exec section without a command')
  if (apiVersion === undefined || !versions.includes(apiVersion)) {
    throw new CanaryError(
      'unreadable',
      `kubeconfig: the exec section of ${command} has apiVersion ${apiVersion ?? '(none)'}`,
      {
        hints: [
          `kubectl supports ${versions.join(' and ')}: update the credential plugin and its kubeconfig entry.`,
        ],
      },
    )
  }
  return normalize(command)
}

function interactivity(
  { command, interactiveMode = 'IfAvailable' }: ExecConfig,
  isTerminal: boolean,
): boolean {
  if (interactiveMode === 'Always' && !isTerminal) {
    throw new CanaryError(
      'unauthorized',
      `${command} needs a terminal to ask for credentials, but there is none`,
      { hints: ['Run the command in a terminal.'] },
    )
  }
  return interactiveMode !== 'Never' && isTerminal
}

function environmentOf(
  exec: ExecConfig,
  { env, server, cluster }: ExecSurroundings,
  isInteractive: boolean,
): Environment {
  const info = {
    kind: 'ExecCredential',
    apiVersion: exec.apiVersion,
    spec: {
      ...(exec.provideClusterInfo && { cluster: clusterInfo(server, cluster) }),
      interactive: isInteractive,
    },
  }
  return {
    ...env,
    ...Object.fromEntries((exec.env ?? []).map(({ name, value }) => [name, value])),
    KUBERNETES_EXEC_INFO: JSON.stringify(info),
  }
}

function clusterInfo(server: string, cluster: KubeconfigCluster): object {
  const config = cluster.extensions?.find(
    ({ name }) => name === 'client.authentication.k8s.io/exec',
  )?.extension
  return {
    server,
    ...(cluster['tls-server-name'] && { 'tls-server-name': cluster['tls-server-name'] }),
    ...(cluster['insecure-skip-tls-verify'] && { 'insecure-skip-tls-verify': true }),
    ...(cluster['certificate-authority-data'] && {
      'certificate-authority-data': cluster['certificate-authority-data'],
    }),
    ...(cluster['proxy-url'] && { 'proxy-url': cluster['proxy-url'] }),
    ...(config !== undefined && { config }),
  }
}

function run(
  command: string,
  { args, installHint }: ExecConfig,
  { env, isInteractive }: { readonly env: Environment; readonly isInteractive: boolean },
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args ?? [], {
      env: { ...env },
      stdio: [isInteractive ? 'inherit' : 'ignore', 'pipe', 'inherit'],
    })
    let stdout = ''
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
    })
    child.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        new CanaryError(
          'unauthorized',
          error.code === 'ENOENT'
            ? `credential plugin ${command} of the kubeconfig does not exist`
            : `credential plugin ${command} of the kubeconfig cannot be run: ${error.message}`,
          {
            cause: error,
            hints: installHint ? [installHint.trim()] : ['Install it, or make sure that it is on the PATH.'],
          },
        ),
      ),
    )
    child.once('close', (code, signal) =>
      code === 0
        ? resolve(stdout)
        : reject(
            new CanaryError(
              'unauthorized',
              `credential plugin ${command} of the kubeconfig failed with ${signal ?? `exit code ${code}`}`,
              { hints: ['Log in again with it; its output is above.'] },
            ),
          ),
    )
  })
}

interface PluginOutput {
  readonly apiVersion?: unknown
  readonly kind?: unknown
  readonly status?: {
    readonly token?: string
    readonly clientCertificateData?: string
    readonly clientKeyData?: string
    readonly expirationTimestamp?: string
  }
}

function credentialOf(stdout: string, exec: ExecConfig): ExecCredential {
  const {
    token,
    clientCertificateData: certificate,
    clientKeyData: key,
    expirationTimestamp = '',
  } = answerIn(stdout, exec).status ?? {}
  if (!token && !certificate && !key) throw wrong(exec, 'returned neither a token nor a certificate')
  if (!certificate !== !key) throw wrong(exec, 'returned only one of certificate and key')
  const expires = Date.parse(expirationTimestamp)
  return {
    ...(token && { token }),
    ...(certificate && key && { certificate, key }),
    ...(!Number.isNaN(expires) && { expires }),
  }
}

function answerIn(stdout: string, exec: ExecConfig): PluginOutput {
  let answer: PluginOutput | null
  try {
    answer = JSON.parse(stdout) as PluginOutput | null
  } catch {
    throw wrong(exec, 'did not print an ExecCredential')
  }
  if (answer?.kind === 'ExecCredential' && answer.apiVersion === exec.apiVersion) return answer
  throw wrong(
    exec,
    `returned ${String(answer?.apiVersion)} ${String(answer?.kind)}, but the kubeconfig expects ${exec.apiVersion} ExecCredential`,
  )
}

const wrong = ({ command }: ExecConfig, what: string): CanaryError =>
  new CanaryError('unauthorized', `credential plugin ${command} of the kubeconfig ${what}`)
