import { CanaryError } from '../../shared/objects/canary-error.ts'
import { templates } from '../flags/grammar.ts'
import { isDataTemplate, type DataTemplate } from '../print/template/data-template.ts'

/** A format of `-o` that the command has, or `usage`. */
export function outputOf<F extends string>(
  output: string | undefined,
  formats: readonly F[],
  more: readonly string[] = [],
): F | undefined {
  if (output === undefined) return undefined
  const format = formats.find(known => known === output)
  if (format !== undefined) return format
  throw new CanaryError('usage', `unknown output format ${JSON.stringify(output)}`, {
    hints: [`Use one of ${[...formats, ...more].join(', ')}.`],
  })
}

/** The same for a command that shows data, which templates choose from; they are read before anything is done. */
export async function dataOutputOf<F extends string>(
  output: string | undefined,
  formats: readonly F[],
): Promise<F | DataTemplate | undefined> {
  if (output === undefined || !isDataTemplate(output)) return outputOf(output, formats, templates)
  const { compileTemplate } = await import('../print/template/format-template.ts')
  compileTemplate(output)
  return output
}
