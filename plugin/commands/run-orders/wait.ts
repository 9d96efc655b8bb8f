import { Option, type Command } from 'commander'
import { completed, oneOf } from '../../flags/completed.ts'
import { withGrammar, type Grammar } from '../../flags/grammar.ts'
import type { Session } from '../../session.ts'
import { serviceAlone } from '../../words/service-words.ts'
import type { WaitFlags } from './wait-for-run.ts'
import { serviceArgument, serviceNamed, serviceOption } from '../edit-options.ts'

const grammar: Grammar = { service: serviceAlone, formats: [], flags: [], namespaced: true }

/** `wait`: for scripts that go on when a run is over, or waits for a person. */
export function wait(program: Command, session: Session): void {
  withGrammar(program.command('wait'), grammar)
    .summary('wait until a run is promoted, paused or failed')
    .description(
      'Waits for the run of a Service. Exits with 0 when the run reaches the state, with 7 after the timeout, and with the exit code of the run if it ends in another way.',
    )
    .addArgument(serviceArgument())
    .addOption(
      completed(
        new Option(
          '--for <state>',
          'promoted, paused (also: waiting for a person to promote) or failed',
        ).default('promoted'),
        oneOf('promoted', 'paused', 'failed'),
      ),
    )
    .option('--timeout <duration>', 'how long to wait', '10m')
    .addOption(serviceOption())
    .addHelpText('after', '\nExamples:\n  kubectl canary wait catalog --for promoted --timeout 30m')
    .action(async (word: string | undefined, flags: WaitFlags) => {
      const { waitForRun } = await import('./wait-for-run.ts')
      await waitForRun(session, serviceNamed(session, word, flags.service).service, flags)
    })
}
