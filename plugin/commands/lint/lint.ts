import type { Command } from 'commander'
import type { LintFlags } from '../../lint/lint-flags.ts'
import type { Session } from '../../session.ts'

const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value]

const description =
  'Judges Istio’s routing by what Istio will do with it. With -f no cluster is asked. '
  + 'Exits 0 when there is no error (warnings are allowed), 3 when there is one.'
const examples = `
Examples:
  kubectl canary lint -f k8s/
  helm template . | kubectl canary lint -f - --complete
  kubectl canary lint -f k8s/ --with-cluster
  kubectl canary lint -A -o sarif > lint.sarif`

/** `lint`: the webhook's rules over files or a standing cluster. Exits 3 with an error-level finding. */
export function lint(program: Command, session: Session): void {
  program
    .command('lint')
    .summary("the webhook's rules over files, offline, or over the cluster")
    .description(description)
    .option('--complete', 'these files are the whole world: what is not in them does not exist')
    .option('--with-cluster', 'lay the files over the live cluster and say what applying them would break')
    .option(
      '--severity <level>',
      'the lightest to show: error, warning or info; or RULE=LEVEL to weigh a rule otherwise (repeatable)',
      collect,
      [],
    )
    .option('--disable <rule>', 'a rule to leave out (repeatable, or several with commas)', collect, [])
    .option('--relative-weights', 'accept any positive sum of weights, as Istio does')
    .option(
      '--root-namespace <name>',
      'the mesh’s root namespace (else what the istio ConfigMap says, else istio-system)',
    )
    .option('--cluster-domain <domain>', 'the cluster’s DNS domain (else cluster.local)')
    .option(
      '--default-export-to <list>',
      'the mesh’s default exportTo, like . or destination-rule=. (repeatable)',
      collect,
      [],
    )
    .addHelpText('after', examples)
    .action(async (flags: LintFlags) => (await import('../../lint/run-lint.ts')).runLint(session, flags))
}
