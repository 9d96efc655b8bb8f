import type { Command } from 'commander'
import type { IntentOf } from '../edit/intent.ts'
import { editGrammar, withGrammar } from '../flags/grammar.ts'
import type { Session } from '../session.ts'
import {
  serviceArgument,
  serviceNamed,
  type ChoiceFlags,
  serviceOption,
  stableOption,
  insistOption,
  withChoice,
  routeOption,
  virtualServiceOption,
} from './edit-options.ts'
import { serviceAlone } from '../words/service-words.ts'

interface Flags extends ChoiceFlags {
  readonly service?: string
  readonly stable?: string
  readonly force?: boolean
}

/** `abort`: everything back to stable. */
export function abort(program: Command, session: Session): void {
  withGrammar(program.command('abort'), editGrammar(serviceAlone))
    .summary('send everything back to stable')
    .description('Sends all requests back to stable. Removes the cohorts and mirrors of the canary.')
    .addArgument(serviceArgument())
    .addOption(serviceOption())
    .addOption(stableOption())
    .addOption(insistOption())
    .addOption(routeOption())
    .addOption(virtualServiceOption())
    .addHelpText('after', '\nExamples:\n  kubectl canary abort\n  kubectl canary abort catalog')
    .action(async (word: string | undefined, flags: Flags) => {
      const { runEdit } = await import('./run-edit.ts')
      await runEdit(session, abortIntentOf({ ...flags, ...serviceNamed(session, word, flags.service) }))
    })
}

/** What the words of an `abort` mean. */
export const abortIntentOf = ({ force = false, ...flags }: Flags): IntentOf<'abort'> => ({
  kind: 'abort',
  ...(force && { force }),
  ...withChoice(flags),
})
