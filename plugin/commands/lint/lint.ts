import { Argument, Option, type Command } from 'commander'
import { CanaryError } from '../../../shared/objects/canary-error.ts'
import { anyFile, completed, oneOf } from '../../flags/completed.ts'
import type { GlobalFlags } from '../../flags/global-flags.ts'
import { templates, withGrammar, type Grammar } from '../../flags/grammar.ts'
import type { Session } from '../../session.ts'
import { ruleIdList } from '../rules/rule-ids.ts'
import type { LintFlags } from './lint-flags.ts'

const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value]

const description =
  'Checks the routes of Istio, the Gateway API and APISIX in files or on the cluster. With paths, no cluster is contacted. The exit code is 3 if there is an error, else 0 (warnings are allowed).'
const examples = `
Examples:
  kubectl canary lint k8s/
  helm template . | kubectl canary lint - --complete
  kubectl canary lint k8s/ --with-cluster
  kubectl canary lint -A -o sarif > lint.sarif`

const grammar: Grammar = {
  formats: ['json', 'sarif', 'junit', 'github', ...templates],
  flags: ['--filename', '--all-namespaces', '--selector'],
  namespaced: true,
}

/** `lint`: the webhook's rules over files or a cluster. Exits 3 with an error-level finding. */
export function lint(program: Command, session: Session): void {
  withGrammar(program.command('lint'), grammar)
    .summary('check files or the cluster by the rules of the webhook')
    .description(description)
    .addArgument(pathArgument())
    .option('--complete', 'the files are complete: an object that is not in them does not exist')
    .option('--with-cluster', 'lay the files over the cluster, and report what applying them would break')
    .addOption(severityOption())
    .addOption(disableOption())
    .option('--relative-weights', 'accept any positive sum of weights, as Istio does')
    .addHelpText('after', examples)
    .action(async (paths: readonly string[], flags: LintFlags) => {
      session.flags = withPaths(session.flags, paths)
      const { runLint } = await import('./run-lint.ts')
      await runLint(session, flags)
    })
}

/** Paths by position are those of `-f`. */
function withPaths(flags: GlobalFlags, paths: readonly string[]): GlobalFlags {
  if (paths.length > 0 && flags.kustomization !== undefined)
    throw new CanaryError('usage', '--kustomize cannot be used with other paths', {
      hints: ['Leave one of them out.'],
    })
  return { ...flags, files: [...flags.files, ...paths] }
}

const pathArgument = (): Argument =>
  completed(
    new Argument('[path...]', 'files and folders to check, or - for stdin; the cluster where none is given'),
    anyFile,
  )

const disableOption = (): Option =>
  completed(
    new Option('--disable <rule>', 'a rule to disable (repeatable, or several with commas)')
      .argParser(collect)
      .default([]),
    ruleIdList,
  )

const severityOption = (): Option =>
  completed(
    new Option(
      '--severity <level>',
      'the lowest severity to show: error, warning or info; or RULE=LEVEL for the severity of a rule (repeatable)',
    )
      .argParser(collect)
      .default([]),
    oneOf('error', 'info', 'warning'),
  )
