import { CanaryError } from '../../../objects/canary-error.ts'
import type { ExecConfig } from '../entries.ts'

/** How a run of a credential program ended. */
export interface ExecRun {
  readonly stdout: string
  readonly code: number | null
  readonly signal: string | null
  /** Why it could not be started. */
  readonly error?: NodeJS.ErrnoException | undefined
}

/**
 * What is wrong with a run of a credential program, in words; undefined where nothing is. Upstream says of a
 * failed program only what it wrote to stderr, of a missing one "spawn … ENOENT", takes the output of any
 * version, and a certificate without its key.
 */
export function execFailure(
  exec: ExecConfig,
  { stdout, code, signal, error }: ExecRun,
): CanaryError | undefined {
  const { command, installHint } = exec
  const failed = (what: string, hints: readonly string[] = [], cause?: unknown): CanaryError =>
    new CanaryError('unauthorized', `credential plugin ${command} of the kubeconfig ${what}`, {
      cause,
      hints,
    })
  if (error !== undefined)
    return failed(
      error.code === 'ENOENT' ? 'does not exist' : `cannot be run: ${error.message}`,
      installHint ? [installHint.trim()] : ['Install it, or make sure that it is on the PATH.'],
      error,
    )
  if (code !== 0)
    return failed(`failed with ${signal ?? `exit code ${code}`}`, [
      'Log in again with it; its output is above.',
    ])
  const wrong = wrongOutput(stdout, exec)
  return wrong === undefined ? undefined : failed(wrong.what, [wrong.hint])
}

interface PrintedCredential {
  readonly apiVersion?: unknown
  readonly kind?: unknown
  readonly status?: { readonly [key in 'token' | 'clientCertificateData' | 'clientKeyData']?: string }
}

/** The versions that kubeconfigs may expect. */
const known: readonly string[] = ['client.authentication.k8s.io/v1', 'client.authentication.k8s.io/v1beta1']

const logIn = "Log in again with it, or correct the user's exec in the kubeconfig."

/** What is wrong with an output, and what to do. */
interface WrongOutput {
  readonly what: string
  readonly hint: string
}

/** The output is not shown: it may be a token. */
function wrongOutput(stdout: string, { apiVersion }: ExecConfig): WrongOutput | undefined {
  let output: PrintedCredential | null
  try {
    output = JSON.parse(stdout) as PrintedCredential | null
  } catch {
    return {
      what: 'did not print an ExecCredential',
      hint: `${logIn} Its standard output must be an ExecCredential as JSON, and nothing else.`,
    }
  }
  if (output?.kind !== 'ExecCredential' || output.apiVersion !== apiVersion)
    return ofOtherVersion(output, apiVersion)
  const { token, clientCertificateData: certificate, clientKeyData: key } = output.status ?? {}
  if (!token && !certificate && !key)
    return { what: 'returned neither a token nor a certificate', hint: logIn }
  return !certificate === !key ? undefined : { what: 'returned only one of certificate and key', hint: logIn }
}

function ofOtherVersion(output: PrintedCredential | null, expected: string | undefined): WrongOutput {
  const [kind, version] = [String(output?.kind), String(output?.apiVersion)]
  return {
    what: `returned ${version} ${kind}, but the kubeconfig expects ${expected} ExecCredential`,
    hint:
      kind === 'ExecCredential' && known.includes(version)
        ? `Set apiVersion: ${version} in the user's exec in the kubeconfig.`
        : 'Update the plugin.',
  }
}
