import type { Command } from 'commander'
import type { Session } from '../session.ts'
import { checkVersion } from '../words/names.ts'
import { forceFlag, serviceFlag } from './edit-flags.ts'

/** `promote v2`: it becomes stable and takes everything. */
export function promote(program: Command, session: Session): void {
  program
    .command('promote')
    .summary('make a version stable: it takes everything')
    .description(
      'Sends everything to the version and makes it stable. Cohorts and mirrors that lead to it go, because they no longer change anything; others stay and are named.',
    )
    .argument('<version>', 'the version that becomes stable')
    .option(...serviceFlag)
    .option(...forceFlag)
    .addHelpText('after', '\nExample:\n  kubectl canary promote v2')
    .action(
      async (version: string, { service, force }: { readonly service?: string; readonly force: boolean }) => {
        checkVersion(version)
        const { carryOut, planPromote } = await import('./edits.ts')
        await carryOut(session, {
          service,
          force,
          plan: (view, target) => planPromote(view, { target, version, force }),
        })
      },
    )
}
