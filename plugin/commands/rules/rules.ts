import type { Command } from 'commander'
import type { Session } from '../../session.ts'

/** `rules` and `rules explain ID`: what the webhook and lint judge by. */
export function rules(program: Command, session: Session): void {
  const command = program
    .command('rules')
    .summary('the rules that lint and the webhook judge by')
    .description('Lists the rules with their severity in the webhook and in lint. No cluster is asked.')
    .addHelpText(
      'after',
      '\nExamples:\n  kubectl canary rules\n  kubectl canary rules explain weights-sum-to-100',
    )
    .action(async () => (await import('./say-rules.ts')).sayRules(session))
  command
    .command('explain <id>')
    .summary('what one rule is about and how to mend what it finds')
    .description(
      'Explains a rule: what must hold, which objects it judges and by which others, and how to mend what it finds.',
    )
    .action(async (id: string) => (await import('./say-rules.ts')).explainRule(session, id))
}
