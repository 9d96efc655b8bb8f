import type { Command } from 'commander'
import { showGrammar, withGrammar } from '../flags/grammar.ts'
import { cohortsOf, formatCohorts } from '../print/services/cohorts.ts'
import { fileWordsOf } from '../flags/argv.ts'
import { formatNotes } from '../print/notes.ts'
import { formatData } from '../print/data.ts'
import type { Session } from '../session.ts'
import { serviceNamed, serviceOption, shownServiceArgument } from './edit-options.ts'
import { dataOutputOf } from './output.ts'
import { shownServices } from './shown-services.ts'

const examples = `
Examples:
  kubectl canary cohorts
  kubectl canary cohorts -A -o wide
  kubectl canary cohorts catalog -f k8s/`

/** `cohorts`: which requests go where, since when, until when. */
export function cohorts(program: Command, session: Session): void {
  withGrammar(program.command('cohorts'), showGrammar)
    .summary('list the cohorts: which requests, which version, until when')
    .description('Lists the cohorts of each routed service.')
    .addArgument(shownServiceArgument())
    .addOption(serviceOption())
    .addHelpText('after', examples)
    .action(async (word: string | undefined, flags: { readonly service?: string }) => {
      const format = await dataOutputOf(session.flags.output, ['wide', 'json', 'yaml', 'name'])
      const { services } = await shownServices(session, serviceNamed(session, word, flags.service).service)
      session.noteOnce(
        services.flatMap(({ recordNotes }) => formatNotes(recordNotes, fileWordsOf(session.flags))),
      )
      const found = cohortsOf(services.map(({ traffic }) => traffic))
      if (format === 'name') session.say(found.map(({ name }) => `cohort/${name}`).join('\n'))
      else if (format !== undefined && format !== 'wide')
        session.say(await formatData({ cohorts: found }, found, format))
      else if (found.length === 0) session.note('No cohorts found.')
      else
        session.say(
          formatCohorts(found, {
            allNamespaces: session.flags.allNamespaces,
            now: session.streams.now(),
            wide: format === 'wide',
          }),
        )
    })
}
