import { spawn, type ChildProcess } from 'node:child_process'
import { normalize } from 'node:path'
import { PassThrough } from 'node:stream'
import type { Authenticator } from '@kubernetes/client-node/dist/auth.js'
import { ExecAuth } from '@kubernetes/client-node/dist/exec_auth.js'
import { CanaryError } from '../../../objects/canary-error.ts'
import type { ExecConfig } from '../entries.ts'
import { execEnvironment, type ExecSurroundings } from './exec-info.ts'
import { execFailure, type ExecRun } from './exec-output.ts'

/** The versions that kubectl still speaks (client-go, plugin/pkg/client/auth/exec). */
const versions = ['client.authentication.k8s.io/v1', 'client.authentication.k8s.io/v1beta1']

/**
 * Runs the kubeconfig's credential program as kubectl does: its stderr shown, its stdin ours if a person sits
 * there. Upstream hides what it writes, gives it no terminal, and runs programs of any version. What it prints
 * is kept by upstream until it expires.
 */
export function execAuthenticator(exec: ExecConfig, surroundings: ExecSurroundings): Authenticator {
  const runs: Promise<ExecRun>[] = []
  const execFn = (command: string): ChildProcess => {
    const around = { ...surroundings, isInteractive: interactivity(exec, surroundings.isInteractive) }
    const child = spawn(command, exec.args ?? [], {
      env: { ...execEnvironment(exec, around) },
      stdio: [around.isInteractive ? 'inherit' : 'ignore', 'pipe', 'inherit'],
    })
    runs.push(runOf(child))
    // Upstream listens to a stderr of its own. Bun's has no setter.
    return Object.defineProperty(child, 'stderr', { value: new PassThrough() })
  }
  const upstream = Object.assign(new ExecAuth() as Authenticator, { execFn })
  return {
    isAuthProvider: () => true,
    async applyAuthentication(user, options) {
      const command = checkedCommand(exec)
      const applied = upstream.applyAuthentication({ name: user.name, exec: { ...exec, command } }, options)
      // What a failed run means is said below.
      await applied.catch(() => {})
      const run = await runs.pop()
      const failure = run && execFailure(exec, run)
      if (failure !== undefined) throw failure
      await applied
    },
  }
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
  if (interactiveMode === 'Always' && !isTerminal)
    throw new CanaryError(
      'unauthorized',
      `${command} needs a terminal to ask for credentials, but there is none`,
      { hints: ['Run the command in a terminal.'] },
    )
  return interactiveMode !== 'Never' && isTerminal
}

const runOf = (child: ChildProcess): Promise<ExecRun> =>
  new Promise(resolve => {
    let stdout = ''
    let error: NodeJS.ErrnoException | undefined
    child.stdout?.on('data', (text: string) => {
      stdout += text
    })
    child.once('error', (reason: NodeJS.ErrnoException) => {
      error = reason
    })
    child.once('close', (code, signal) => resolve({ stdout, code, signal, error }))
  })
