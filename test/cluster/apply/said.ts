/** What `kubectl apply` prints of an answer to an object that was not there, where it needs no more than the answer for that. */
import type { Answer } from './asked.ts'

/** What it prints, and its exit code. */
export interface SaidByKubectl {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/**
 * How kubectl ends: with warnings, and with `name` as created or with the refusal. Nothing for what kubectl puts in other words, as it does
 * with each field of an object that is invalid.
 */
export function saidOfCreated(
  { status, body, warnings = [] }: Answer,
  name: string,
): SaidByKubectl | undefined {
  const warned = [...new Set(warnings)].map(text => `Warning: ${text}\n`).join('')
  if (status < 400) return { code: 0, stdout: `${name} created\n`, stderr: warned }
  const { reason, message } = body as { readonly reason?: string; readonly message?: string }
  if (status !== 403 || message === undefined) return undefined
  const by = reason === undefined ? '' : ` (${reason})`
  return {
    code: 1,
    stdout: '',
    stderr: `${warned}Error from server${by}: error when creating "STDIN": ${message}\n`,
  }
}

/** The texts of `Warning` headers, as RFC 7234 (5.5) writes them: code, agent and a quoted text, which may be several in a header. */
export const warningsIn = (header: string | readonly string[] | undefined): readonly string[] =>
  [header ?? []]
    .flat()
    .flatMap(value => [...value.matchAll(/\d{3} \S+ "((?:[^"\\]|\\.)*)"/g)])
    .map(([, text]) => text!.replaceAll(/\\(.)/g, '$1'))
