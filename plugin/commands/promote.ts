import { Argument, type Command } from 'commander'
import { CanaryError } from '../../shared/objects/canary-error.ts'
import type { IntentOf } from '../edit/intent.ts'
import { completed, versions, versionsOrServices } from '../flags/completed.ts'
import { editGrammar, withGrammar } from '../flags/grammar.ts'
import type { Session } from '../session.ts'
import { checkVersion } from '../words/names.ts'
import {
  serviceArgument,
  serviceNamed,
  type ChoiceFlags,
  forceOption,
  serviceOption,
  withChoice,
  routeOption,
  virtualServiceOption,
} from './edit-options.ts'
import { serviceBeforeVersion } from '../words/service-words.ts'

interface Flags extends ChoiceFlags {
  readonly service?: string
  readonly force: boolean
}

const examples = `
Examples:
  kubectl canary promote v2
  kubectl canary promote catalog v2`

/** `promote v2`: the version becomes stable and takes everything. */
export function promote(program: Command, session: Session): void {
  withGrammar(program.command('promote'), editGrammar(serviceBeforeVersion))
    .usage('[service] <version> [flags]')
    .summary('make a version stable and send everything to it')
    .description(
      'Makes the version stable and sends all requests to it. Removes the cohorts and mirrors that lead to it, because they no longer change anything; lists the others.',
    )
    .addArgument(serviceArgument(versionsOrServices))
    .addArgument(completed(new Argument('[version]', 'the version that becomes stable'), versions))
    .addOption(serviceOption())
    .addOption(forceOption())
    .addOption(routeOption())
    .addOption(virtualServiceOption())
    .addHelpText('after', examples)
    .action(async (first: string | undefined, second: string | undefined, flags: Flags) => {
      const { service, own } = serviceBeforeVersion.split([first, second].filter(word => word !== undefined))
      const intent = promoteIntentOf(own[0], { ...flags, ...serviceNamed(session, service, flags.service) })
      const { runEdit } = await import('./run-edit.ts')
      await runEdit(session, intent)
    })
}

/** What the words of a `promote` mean; throws `usage` for a word that is not a version, or where there is none. */
export function promoteIntentOf(version: string | undefined, flags: Flags): IntentOf<'promote'> {
  if (version === undefined)
    throw new CanaryError('usage', 'no version is given', {
      hints: ['For example: kubectl canary promote v2'],
    })
  return { kind: 'promote', version: checkVersion(version), ...withChoice(flags) }
}
