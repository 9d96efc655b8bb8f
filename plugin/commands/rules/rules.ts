import { Argument, type Command } from 'commander'
import { completed } from '../../flags/completed.ts'
import { plainGrammar, withGrammar } from '../../flags/grammar.ts'
import type { Session } from '../../session.ts'
import { ruleIds } from './rule-ids.ts'

const examples = `
Examples:
  kubectl canary rules
  kubectl canary rules explain weights-sum-to-100`

/** `rules` and `rules explain ID`: what the webhook and lint check. */
export function rules(program: Command, session: Session): void {
  const command = withGrammar(program.command('rules'), plainGrammar({ hasData: true }))
    .summary('list the rules of lint and the webhook')
    .description('Lists the rules with their severity in the webhook and in lint. No cluster is contacted.')
    .addHelpText('after', examples)
    .action(async () => {
      const { showRules } = await import('./show-rules.ts')
      await showRules(session)
    })
  command
    .command('explain')
    .summary('explain one rule, and how to fix its findings')
    .description(
      'Explains a rule: what must hold, which objects it checks and with which others, and how to fix its findings.',
    )
    .addArgument(completed(new Argument('<id>', 'the id of the rule'), ruleIds))
    .action(async (id: string) => {
      const { showRule } = await import('./show-rules.ts')
      await showRule(session, id)
    })
}
