import { Option, type Command } from 'commander'
import { liveShowGrammar, withGrammar } from '../../flags/grammar.ts'
import type { Session } from '../../session.ts'
import { serviceNamed, serviceOption, shownServiceArgument } from '../edit-options.ts'
import { dataOutputOf } from '../output.ts'
import { revisionOf } from './undo.ts'

interface Flags {
  readonly service?: string
  readonly revision?: string
}

const examples = `
Examples:
  kubectl canary history catalog
  kubectl canary history catalog --revision 3     what that change did, as a diff
  kubectl canary history -A`

/** `history`: who changed what, when and why. */
export function history(program: Command, session: Session): void {
  withGrammar(program.command('history'), liveShowGrammar)
    .summary('show who changed what, when and why')
    .description(
      'Lists the changes that kubectl canary has made to services, the newest last: who made each, when, with which command and why.',
    )
    .addArgument(shownServiceArgument())
    .addOption(serviceOption())
    .addOption(new Option('--revision <number>', 'show what this change did, as a diff'))
    .addHelpText('after', examples)
    .action(async (word: string | undefined, { service: flag, revision }: Flags) => {
      const { service } = serviceNamed(session, word, flag)
      const format = await dataOutputOf(session.flags.output, ['wide', 'json', 'yaml', 'name'])
      const wanted = revision === undefined ? undefined : revisionOf('--revision', revision)
      const { showHistory } = await import('./run-history.ts')
      await showHistory(session, { service, format, wanted })
    })
}
