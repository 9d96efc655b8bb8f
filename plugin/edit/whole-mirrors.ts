import { CanaryError } from '../../shared/objects/canary-error.ts'
import type { Target } from '../../shared/plan/intent.ts'
import { UnknownFields } from '../../shared/view/unknown-fields.ts'
import type { Intent } from './intent.ts'

/** The same error; where the cluster cannot mirror a part of the requests, with the command that mirrors all. */
export function withWholeMirrors(
  error: unknown,
  intent: Intent,
  { command }: Pick<Target, 'command'>,
): unknown {
  if (!(error instanceof UnknownFields) || !error.isMirroredPart || intent.kind !== 'set-mirrors')
    return error
  return new CanaryError(error.code, error.message, {
    hints: [...error.hints, `To mirror all: kubectl canary ${wholeIn(command, [...intent.mirrors.keys()])}`],
    cause: error,
  })
}

/** `mirror catalog v2=25 v3=0` → `mirror catalog v2=100 v3=0` */
const wholeIn = (command: string, versions: readonly string[]): string =>
  command.replaceAll(/([^\s,='"]+)=([\d.]+)/g, (word, name: string, percent: string) =>
    versions.includes(name) && Number(percent) > 0 ? `${name}=100` : word,
  )
