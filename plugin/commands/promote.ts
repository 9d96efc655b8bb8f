import { Argument, type Command } from 'commander'
import type { CanaryError } from '../../shared/objects/canary-error.ts'
import type { IntentOf } from '../edit/intent.ts'
import { completed, versions, versionsOrServices } from '../flags/completed.ts'
import { editGrammar, withGrammar } from '../flags/grammar.ts'
import { lacking } from './lacking.ts'
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
      if (own.length === 0) throw await noVersion(session, serviceNamed(session, service, flags.service))
      const intent = promoteIntentOf(own[0]!, { ...flags, ...serviceNamed(session, service, flags.service) })
      const { runEdit } = await import('./run-edit.ts')
      await runEdit(session, intent)
    })
}

const noVersion = (session: Session, { service }: { readonly service?: string }): Promise<CanaryError> =>
  lacking(session, {
    message: 'no version is given',
    service,
    words: (name, version) => ['promote', name, version],
    example: ['catalog', 'v2'],
  })

/** What the words of a `promote` mean; throws `usage` for a word that is not a version. */
export const promoteIntentOf = (version: string, flags: Flags): IntentOf<'promote'> => ({
  kind: 'promote',
  version: checkVersion(version),
  ...withChoice(flags),
})
