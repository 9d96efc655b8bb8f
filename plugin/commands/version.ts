import type { Command } from 'commander'
import { formatData } from '../print/data.ts'
import { plainGrammar, withGrammar } from '../flags/grammar.ts'
import type { Session } from '../session.ts'
import { dataOutputOf } from './output.ts'

/** `version`: which kubectl-canary this is. */
export function version(program: Command, session: Session): void {
  withGrammar(program.command('version'), plainGrammar({ hasData: true }))
    .summary('print the version of kubectl-canary')
    .description('Prints the version of kubectl-canary, as --version does. No cluster is contacted.')
    .action(async () => {
      const format = await dataOutputOf(session.flags.output, ['json', 'yaml'])
      const {
        default: { version: number },
      } = await import('../../package.json', { with: { type: 'json' } })
      const value = { clientVersion: { gitVersion: `v${number}` } }
      session.say(
        format === undefined ? `kubectl-canary v${number}` : await formatData(value, [value], format),
      )
    })
}
