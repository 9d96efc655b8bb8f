import { Argument, type Command } from 'commander'
import { CanaryError } from '../../../shared/objects/canary-error.ts'
import { plainGrammar, withGrammar } from '../../flags/grammar.ts'
import type { Session } from '../../session.ts'
import { scripts, shells, type Shell } from './scripts.ts'

const examples = `
Examples:
  kubectl canary completion --install
  kubectl canary completion --install zsh --dry-run=client
  source <(kubectl-canary completion bash)
  kubectl-canary completion fish | source`

interface CompletionOptions {
  readonly install?: true
  readonly uninstall?: true
}

/** `completion --install` sets a shell up; `completion bash` prints the script that makes a shell complete `kubectl-canary`. */
export function completion(program: Command, session: Session): void {
  withGrammar(program.command('completion'), { ...plainGrammar({ hasData: false }), flags: ['--dry-run'] })
    .summary('set up completion in a shell, or print its script')
    .description(
      'Prints the script that makes a shell complete kubectl-canary. With --install, the shell in $SHELL, or the given one, loads it at every start: through lines in its start-up file, and through a link kubectl_complete-canary beside kubectl-canary, which kubectl’s own completion runs for kubectl canary. Running it again changes nothing; --uninstall undoes it.',
    )
    .addArgument(new Argument('[shell]', shells.join(', ')).choices(shells))
    .option('--install', 'set the shell up')
    .option('--uninstall', 'take back what --install did')
    .addHelpText('after', examples)
    .action(async (shell: Shell | undefined, { install, uninstall }: CompletionOptions) => {
      if (install && uninstall)
        throw new CanaryError('usage', '--install and --uninstall cannot be used together')
      if (install ?? uninstall)
        return (await import('./set-up.ts')).setUp(session, install ? 'install' : 'uninstall', shell)
      if (session.flags.dryRun !== 'none')
        throw new CanaryError('usage', '--dry-run needs --install or --uninstall')
      if (shell === undefined)
        throw new CanaryError('usage', 'completion needs a shell, or --install', {
          hints: ['kubectl canary completion --install', `kubectl canary completion ${shells.join('|')}`],
        })
      return session.say(scripts[shell])
    })
}
