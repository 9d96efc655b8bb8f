import { Option, type Command } from 'commander'
import { CanaryError } from '../../../shared/objects/canary-error.ts'
import { showGrammar, typedFlag, withGrammar, writeFlags, type Grammar } from '../../flags/grammar.ts'
import type { Session } from '../../session.ts'
import { insistOption, serviceNamed, serviceOption, shownServiceArgument } from '../edit-options.ts'

interface Flags {
  readonly service?: string
  readonly expired?: boolean
  readonly remove?: boolean
  readonly force?: boolean
}

const examples = `
Examples:
  kubectl canary cohorts
  kubectl canary cohorts -A -o wide
  kubectl canary cohorts catalog -f k8s/
  kubectl canary cohorts -A --expired                              those whose end has passed
  kubectl canary cohorts -A --expired --remove --dry-run=client    what their removal would change`

/** It shows, and with --remove it edits. */
const grammar: Grammar = { ...showGrammar, flags: [...showGrammar.flags, '--dry-run', ...writeFlags] }

/** `cohorts`: which requests go where, since when, until when; `--expired --remove` removes what is over. */
export function cohorts(program: Command, session: Session): void {
  withGrammar(program.command('cohorts'), grammar)
    .summary('list the cohorts: which requests, which version, until when')
    .description(
      'Lists the cohorts of each routed service with who set them (from the history), their age and their end, and marks those whose version, routes or Service no longer exist. --expired lists those whose end has passed; '
        + '--expired --remove removes them all as one change with one undo.',
    )
    .addArgument(shownServiceArgument())
    .addOption(serviceOption())
    .addOption(new Option('--expired', 'only the cohorts whose end has passed'))
    .addOption(new Option('--remove', 'remove them; needs --expired'))
    .addOption(insistOption())
    .addHelpText('after', examples)
    .action(async (word: string | undefined, flags: Flags) => {
      const { service } = serviceNamed(session, word, flags.service)
      checkRemoval(flags, typedFlag(program, ['--dry-run', ...writeFlags]))
      if (flags.remove === true) {
        const { removeExpired } = await import('./remove-expired.ts')
        return removeExpired(session, service, flags.force === true)
      }
      const { listCohorts } = await import('./list-cohorts.ts')
      await listCohorts(session, service, flags.expired === true)
    })
}

/** Throws `usage` where flags of a removal are given without one. */
function checkRemoval({ expired = false, remove = false, force }: Flags, typed: string | undefined): void {
  if (remove && !expired)
    throw new CanaryError('usage', '--remove needs --expired', {
      hints: ['To remove one cohort: kubectl canary cohort NAME --remove.'],
    })
  const flag = typed ?? (force === true ? '--force' : undefined)
  if (!remove && flag !== undefined)
    throw new CanaryError('usage', `${flag} cannot be used without --expired --remove`, {
      hints: ['Leave it out.'],
    })
}
