import { Option, type Command } from 'commander'
import { showGrammar, withGrammar } from '../flags/grammar.ts'
import type { Session } from '../session.ts'
import { serviceNamed, serviceOption, shownServiceArgument } from './edit-options.ts'
import { dataOutputOf } from './output.ts'

interface Flags {
  readonly service?: string
  readonly watch?: boolean
}

const examples = `
Examples:
  kubectl canary list
  kubectl canary list -A
  kubectl canary list -A -o wide`

/** `list`: one line for each service with a canary. */
export function list(program: Command, session: Session): void {
  withGrammar(program.command('list'), showGrammar)
    .summary('list the services with a canary: stable, shares, cohorts, findings')
    .description(
      'Lists the services with a canary: those with a recorded stable version or cohort, with a mirror, with a route that splits its requests, or with a version that Argo Rollouts or Flagger rolls out.',
    )
    .addArgument(shownServiceArgument())
    .addOption(serviceOption())
    .addOption(watchOption())
    .addHelpText('after', examples)
    .action(async (word: string | undefined, { service: flag, watch = false }: Flags) => {
      const { service } = serviceNamed(session, word, flag)
      const format = await dataOutputOf(session.flags.output, ['wide', 'json', 'yaml', 'name'])
      const { showList } = await import('./status/run-list.ts')
      await showList(session, { service, format, watch })
    })
}

/** `-w`, which shows the services again and again. */
export const watchOption = (): Option =>
  new Option('-w, --watch', 'watch for changes and show each: in place on a terminal, else as new text')
