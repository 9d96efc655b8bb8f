import type { Command } from 'commander'
import type { Session } from '../../session.ts'
import type { LintFlags } from './lint-flags.ts'

const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value]

const description =
  'Checks Istio’s routing by what Istio will do with it. With -f, no cluster is contacted. '
  + 'The exit code is 0 where there is no error (warnings are allowed), and 3 where there is one.'
const examples = `
Examples:
  kubectl canary lint -f k8s/
  helm template . | kubectl canary lint -f - --complete
  kubectl canary lint -f k8s/ --with-cluster
  kubectl canary lint -A -o sarif > lint.sarif`

/** `lint`: the webhook's rules over files or a cluster. Exits 3 with an error-level finding. */
export function lint(program: Command, session: Session): void {
  program
    .command('lint')
    .summary('check files or the cluster by the rules of the webhook')
    .description(description)
    .option('--complete', 'the files are complete: an object that is not in them does not exist')
    .option('--with-cluster', 'lay the files over the cluster, and report what applying them would break')
    .option(
      '--severity <level>',
      'the lowest severity to show: error, warning or info; or RULE=LEVEL for the severity of a rule (repeatable)',
      collect,
      [],
    )
    .option('--disable <rule>', 'a rule to disable (repeatable, or several with commas)', collect, [])
    .option('--relative-weights', 'accept any positive sum of weights, as Istio does')
    .addHelpText('after', examples)
    .action(async (flags: LintFlags) => {
      const { runLint } = await import('./run-lint.ts')
      await runLint(session, flags)
    })
}
