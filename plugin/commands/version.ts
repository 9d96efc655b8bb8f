import type { Command } from 'commander'
import { outputOf } from '../flags/global-flags.ts'
import { formatJson, formatYaml } from '../print/objects.ts'
import { plainGrammar, withGrammar } from '../flags/grammar.ts'
import type { Session } from '../session.ts'

/** `version`: which kubectl-canary this is. */
export function version(program: Command, session: Session): void {
  withGrammar(program.command('version'), plainGrammar('json', 'yaml'))
    .summary('print the version of kubectl-canary')
    .description('Prints the version of kubectl-canary, as --version does. No cluster is contacted.')
    .action(async () => {
      const format = outputOf(session.flags.output, ['json', 'yaml'])
      const {
        default: { version: number },
      } = await import('../../package.json', { with: { type: 'json' } })
      const value = { clientVersion: { gitVersion: `v${number}` } }
      if (format === 'json') session.say(formatJson(value))
      else if (format === 'yaml') session.say(await formatYaml(value))
      else session.say(`kubectl-canary v${number}`)
    })
}
