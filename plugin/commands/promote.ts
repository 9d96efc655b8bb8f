import { Argument, type Command } from 'commander'
import type { IntentOf } from '../edit/intent.ts'
import { completed, versions } from '../flags/completed.ts'
import type { Session } from '../session.ts'
import { checkVersion } from '../words/names.ts'
import {
  type ChoiceFlags,
  forceOption,
  serviceOption,
  withChoice,
  routeOption,
  virtualServiceOption,
} from './edit-options.ts'

interface Flags extends ChoiceFlags {
  readonly service?: string
  readonly force: boolean
}

/** `promote v2`: the version becomes stable and takes everything. */
export function promote(program: Command, session: Session): void {
  program
    .command('promote')
    .summary('make a version stable and send everything to it')
    .description(
      'Makes the version stable and sends all requests to it. Removes the cohorts and mirrors that lead to it, because they no longer change anything; lists the others.',
    )
    .addArgument(completed(new Argument('<version>', 'the version that becomes stable'), versions))
    .addOption(serviceOption())
    .addOption(forceOption())
    .addOption(routeOption())
    .addOption(virtualServiceOption())
    .addHelpText('after', '\nExample:\n  kubectl canary promote v2')
    .action(async (version: string, flags: Flags) => {
      const intent = promoteIntentOf(version, flags)
      const { runEdit } = await import('./run-edit.ts')
      await runEdit(session, intent)
    })
}

/** What the words of a `promote` mean; throws `usage` for a word that is not a version. */
export const promoteIntentOf = (version: string, flags: Flags): IntentOf<'promote'> => ({
  kind: 'promote',
  version: checkVersion(version),
  ...withChoice(flags),
})
