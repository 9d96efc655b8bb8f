import type { Command } from 'commander'
import { outputOf } from '../flags/global-flags.ts'
import { cohortsOf, formatCohorts } from '../print/cohorts.ts'
import { formatJson, formatYaml } from '../print/objects.ts'
import { readServices } from '../read/read-services.ts'
import type { Session } from '../session.ts'
import { serviceFlag } from './edit-flags.ts'

/** `cohorts`: who goes where, since when, until when. */
export function cohorts(program: Command, session: Session): void {
  program
    .command('cohorts')
    .summary('which cohorts there are: who goes where, since when, until when')
    .description('Lists the cohorts of each routed service.')
    .option(...serviceFlag)
    .addHelpText(
      'after',
      '\nExamples:\n  kubectl canary cohorts\n  kubectl canary cohorts -A -o wide\n  kubectl canary cohorts --service catalog -f k8s/',
    )
    .action(async ({ service }: { readonly service?: string }) => {
      const format = outputOf(session.flags.output, ['wide', 'json', 'yaml', 'name'])
      const { services } = await readServices(session, service)
      session.tell(services.flatMap(({ recordNotes }) => recordNotes))
      const found = cohortsOf(services.map(({ traffic }) => traffic))
      if (format === 'json') session.say(formatJson({ cohorts: found }))
      else if (format === 'yaml') session.say(await formatYaml({ cohorts: found }))
      else if (format === 'name') session.say(found.map(({ name }) => `cohort/${name}`).join('\n'))
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
