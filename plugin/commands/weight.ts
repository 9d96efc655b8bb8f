import type { Command } from 'commander'
import type { Session } from '../session.ts'
import { parseWeights } from '../words/weights.ts'
import { forceFlag, serviceFlag, stableFlag } from './edit-flags.ts'

interface Flags {
  readonly service?: string
  readonly stable?: string
  readonly force: boolean
}

/** `weight v2=10`: the whole split, the remainder to stable. */
export function weight(program: Command, session: Session): void {
  program
    .command('weight')
    .summary('send a share of everyone’s requests to a version')
    .description(
      'Sets the whole split: each version named gets its percentage, stable gets the remainder, versions that are not named get nothing.',
    )
    .argument('<version=percent...>', 'like v2=10, or v2=10,v3=5')
    .option(...serviceFlag)
    .option(...stableFlag)
    .option(...forceFlag)
    .addHelpText(
      'after',
      `
Examples:
  kubectl canary weight v2=10                10 % to v2, 90 % to stable
  kubectl canary weight v2=10,v3=5           three ways
  kubectl canary weight v2=10 -f catalog/    the same on manifests, without a cluster`,
    )
    .action(async (words: readonly string[], { service, stable, force }: Flags) => {
      const weights = parseWeights(words)
      const { carryOut, planWeight } = await import('./edits.ts')
      await carryOut(session, {
        service,
        force,
        plan: (view, target) => planWeight(view, { target, weights, stable, force }),
      })
    })
}
