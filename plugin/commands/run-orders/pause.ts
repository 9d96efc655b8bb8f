import type { Command } from 'commander'
import { withGrammar, type Grammar } from '../../flags/grammar.ts'
import type { Session } from '../../session.ts'
import { serviceAlone } from '../../words/service-words.ts'
import { serviceArgument, serviceNamed, serviceOption } from '../edit-options.ts'

/** What an order to a run takes. */
const grammar: Grammar = { service: serviceAlone, formats: [], flags: ['--reason'], namespaced: true }

interface Flags {
  readonly service?: string
}

/** `pause`: a run stays where it is until a person says otherwise. */
export function pause(program: Command, session: Session): void {
  withGrammar(program.command('pause'), grammar)
    .summary('hold a run where it is')
    .description(
      'Holds the run of a Service at its present step: nothing is checked, and the shares stay as they are.',
    )
    .addArgument(serviceArgument())
    .addOption(serviceOption())
    .addHelpText('after', '\nExamples:\n  kubectl canary pause catalog --reason "looking at the logs"')
    .action(async (word: string | undefined, flags: Flags) => {
      const { pauseRun } = await import('./orders.ts')
      await pauseRun(session, serviceNamed(session, word, flags.service).service)
    })
}

/** `resume`: a run that was paused goes on. */
export function resume(program: Command, session: Session): void {
  withGrammar(program.command('resume'), { ...grammar, flags: [] })
    .summary('continue a paused run')
    .description(
      'Continues the run of a Service that was paused. Where its process is gone, use run SERVICE --resume.',
    )
    .addArgument(serviceArgument())
    .addOption(serviceOption())
    .addHelpText('after', '\nExamples:\n  kubectl canary resume catalog')
    .action(async (word: string | undefined, flags: Flags) => {
      const { resumeRun } = await import('./orders.ts')
      await resumeRun(session, serviceNamed(session, word, flags.service).service)
    })
}
