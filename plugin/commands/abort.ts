import type { Command } from 'commander'
import type { Session } from '../session.ts'
import { serviceFlag, stableFlag } from './edit-flags.ts'

/** `abort`: everything back to stable. */
export function abort(program: Command, session: Session): void {
  program
    .command('abort')
    .summary('send everything back to stable')
    .description('Sends everything back to stable; the cohorts and mirrors of the canary go.')
    .option(...serviceFlag)
    .option(...stableFlag)
    .addHelpText('after', '\nExample:\n  kubectl canary abort')
    .action(async ({ service, stable }: { readonly service?: string; readonly stable?: string }) => {
      const { carryOut, planAbort } = await import('./edits.ts')
      await carryOut(session, { service, plan: (view, target) => planAbort(view, { target, stable }) })
    })
}
