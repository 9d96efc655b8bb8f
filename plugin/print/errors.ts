import { CanaryError } from '../../shared/objects/canary-error.ts'
import { escaped, escapedLines } from '../../shared/objects/text/escaped.ts'
import type { Paint } from './colour.ts'
import { indent } from './table.ts'

/** An error for people: one line that says what is wrong and where, then what to do. */
export const formatError = ({ message, hints }: CanaryError, { red }: Paint): string =>
  [
    `${red('error:')} ${escaped(message)}`,
    ...hints.map(hint => indent(escapedLines(hint.split('\n')), '  ')),
  ].join('\n')

/** An unexpected error: one line, how to report it, and the stack with `-v 9`. */
export function formatUnexpected(
  fault: unknown,
  { paint, verbosity }: { readonly paint: Paint; readonly verbosity: number },
): string {
  const message = fault instanceof Error ? fault.message : String(fault)
  const error = new CanaryError('failed', `unexpected error: ${message.split('\n')[0]}`, {
    hints: [
      verbosity >= 9
        ? 'This is a bug in kubectl-canary. Please report it with these lines.'
        : 'This is a bug in kubectl-canary. Please report it with the output of the same command with -v 9.',
    ],
  })
  const stack = verbosity >= 9 && fault instanceof Error ? `\n${fault.stack ?? ''}` : ''
  return formatError(error, paint) + stack
}
