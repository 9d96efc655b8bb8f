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
  return wrong === undefined ? undefined : failed(wrong)
}

interface PrintedCredential {
  readonly apiVersion?: unknown
  readonly kind?: unknown
  readonly status?: { readonly [key in 'token' | 'clientCertificateData' | 'clientKeyData']?: string }
}

function wrongOutput(stdout: string, { apiVersion }: ExecConfig): string | undefined {
  let output: PrintedCredential | null
  try {
    output = JSON.parse(stdout) as PrintedCredential | null
  } catch {
    return 'did not print an ExecCredential'
  }
  if (output?.kind !== 'ExecCredential' || output.apiVersion !== apiVersion)
    return `returned ${String(output?.apiVersion)} ${String(output?.kind)}, but the kubeconfig expects ${apiVersion} ExecCredential`
  const { token, clientCertificateData: certificate, clientKeyData: key } = output.status ?? {}
  if (!token && !certificate && !key) return 'returned neither a token nor a certificate'
  return !certificate === !key ? undefined : 'returned only one of certificate and key'
}
