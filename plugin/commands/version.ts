import type { Command } from 'commander'
import { outputOf } from '../flags/global-flags.ts'
import { formatJson, formatYaml } from '../print/objects.ts'
import type { Session } from '../session.ts'

/** `version`: which kubectl-canary this is. */
export function version(program: Command, session: Session): void {
  program
    .command('version')
    .summary('which kubectl-canary this is')
    .description('Prints the version of kubectl-canary. No cluster is asked.')
    .action(async () => {
      const format = outputOf(session.flags.output, ['json', 'yaml'])
      const {
        default: { version: number },
      } = await import('../../package.json', { with: { type: 'json' } })
      const value = { clientVersion: { gitVersion: `v${number}` } }
      session.say(
        format === 'json'
          ? formatJson(value)
          : format === 'yaml'
            ? await formatYaml(value)
            : `kubectl-canary v${number}`,
      )
    })
}
