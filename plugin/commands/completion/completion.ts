import { Argument, type Command } from 'commander'
import { scripts, shells, type Shell } from './scripts.ts'
import type { Session } from '../../session.ts'

/** `completion bash`: the script that makes a shell complete `kubectl-canary`. */
export function completion(program: Command, session: Session): void {
  program
    .command('completion')
    .summary('the completion script of a shell')
    .description(
      'Prints the script that makes a shell complete kubectl-canary. For kubectl canary nothing is needed but kubectl’s own completion and kubectl_complete-canary on the PATH.',
    )
    .addArgument(new Argument('<shell>', shells.join(', ')).choices(shells))
    .addHelpText(
      'after',
      '\nExamples:\n  source <(kubectl-canary completion bash)\n  kubectl-canary completion fish | source',
    )
    .action((shell: Shell) => session.say(scripts[shell]))
}
