import type { Command } from 'commander'
import type { IntentOf } from '../edit/intent.ts'
import type { Session } from '../session.ts'
import {
  type ChoiceFlags,
  serviceOption,
  stableOption,
  withChoice,
  routeOption,
  virtualServiceOption,
} from './edit-options.ts'

interface Flags extends ChoiceFlags {
  readonly service?: string
  readonly stable?: string
}

/** `abort`: everything back to stable. */
export function abort(program: Command, session: Session): void {
  program
    .command('abort')
    .summary('send everything back to stable')
    .description('Sends all requests back to stable. Removes the cohorts and mirrors of the canary.')
    .addOption(serviceOption())
    .addOption(stableOption())
    .addOption(routeOption())
    .addOption(virtualServiceOption())
    .addHelpText('after', '\nExample:\n  kubectl canary abort')
    .action(async (flags: Flags) => {
      const { runEdit } = await import('./run-edit.ts')
      await runEdit(session, abortIntentOf(flags))
    })
}

/** What the words of an `abort` mean. */
export const abortIntentOf = (flags: Flags): IntentOf<'abort'> => ({
  kind: 'abort',
  ...withChoice(flags),
})
