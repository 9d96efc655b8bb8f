import { Argument, type Command } from 'commander'
import { plainGrammar, withGrammar } from '../../flags/grammar.ts'
import type { Session } from '../../session.ts'
import { scripts, shells, type Shell } from './scripts.ts'

const examples = `
Examples:
  source <(kubectl-canary completion bash)
  kubectl-canary completion fish | source`

/** `completion bash`: the script that makes a shell complete `kubectl-canary`. */
export function completion(program: Command, session: Session): void {
  withGrammar(program.command('completion'), plainGrammar({ hasData: false }))
    .summary('print the completion script of a shell')
    .description(
      'Prints the script that makes a shell complete kubectl-canary. kubectl canary itself needs only kubectl’s own completion, and kubectl_complete-canary on the PATH.',
    )
    .addArgument(new Argument('<shell>', shells.join(', ')).choices(shells))
    .addHelpText('after', examples)
    .action((shell: Shell) => session.say(scripts[shell]))
}
