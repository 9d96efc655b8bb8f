import type { Command } from 'commander'
import { templates, withGrammar } from '../../flags/grammar.ts'
import type { Session } from '../../session.ts'
import { serviceAlone } from '../../words/service-words.ts'
import { insistOption, serviceArgument, serviceNamed, serviceOption } from '../edit-options.ts'

interface Flags {
  readonly service?: string
  readonly force?: boolean
}

/** `retry`: a controller rolls a version out again that was aborted. */
export function retry(program: Command, session: Session): void {
  withGrammar(program.command('retry'), {
    service: serviceAlone,
    formats: ['json', 'yaml', 'name', ...templates],
    flags: ['--filename', '--dry-run', '--emit-patch'],
    namespaced: true,
  })
    .summary('roll an aborted version of a Rollout out again')
    .description(
      'Rolls out the new version of an aborted Rollout (Argo Rollouts) again, from the first step. To start a run of kubectl canary again, use run.',
    )
    .addArgument(serviceArgument())
    .addOption(serviceOption())
    .addOption(insistOption(', or a freeze holds the Service'))
    .addHelpText('after', '\nExamples:\n  kubectl canary retry catalog')
    .action(async (word: string | undefined, flags: Flags) => {
      const { runEdit } = await import('../run-edit.ts')
      await runEdit(session, {
        kind: 'order',
        order: 'retry',
        ...serviceNamed(session, word, flags.service),
        ...(flags.force === true && { force: true }),
      })
    })
}
