import { Argument, type Command, Option } from 'commander'
import { anyFile, completed } from '../../flags/completed.ts'
import { withGrammar, templates } from '../../flags/grammar.ts'
import type { Session } from '../../session.ts'
import type { TryFlags } from './try-flags.ts'

const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value]

const examples = `
Examples:
  kubectl canary try http://catalog/items -H 'x-istio-cohort: internal'
  kubectl canary try catalog/items --from deploy/webapp -n 1000
  kubectl canary try https://shop.example.com/ --via istio-ingress/public
  kubectl canary try http://catalog/items --with 'weight v2=10' --diff
  kubectl canary try http://catalog/items -H 'x-istio-cohort: internal' --expect v2
  kubectl canary try http://catalog/ -f k8s/ --with-cluster --diff
  kubectl canary try http://catalog/ --live --address 127.0.0.1:8080 --version-header x-version
  kubectl canary try --table routing-tests.yaml -o junit`

/** `try http://catalog/items`: which route takes a request, and why the others do not. */
export function tryCommand(program: Command, session: Session): void {
  const command = withGrammar(program.command('try'), {
    formats: ['json', 'yaml', 'junit', ...templates],
    flags: ['--filename'],
    namespaced: true,
  })
    .summary('show which route takes a request, and which version gets it')
    .description(
      'Shows what happens to one request: the routes that its proxy tries, in order, the one that takes it, and the versions that get it. Nothing is sent without --live. A request to a host of the mesh comes from a workload of the namespace; a request to another host comes through the gateways that serve the host.',
    )
    .addArgument(
      new Argument('[url]', 'like http://catalog/items, or catalog:8080/items; http when left out'),
    )
  declareRequest(command)
  declareLive(command)
  declareAnswer(command)
  command.addHelpText('after', examples).action(async (url: string | undefined, flags: TryFlags) => {
    if (flags.table !== undefined) {
      const { runTable } = await import('./run-table.ts')
      return runTable(session, { file: flags.table, url }, flags)
    }
    const { runTry } = await import('./run-try.ts')
    await runTry(session, url, flags)
  })
}

const declareRequest = (command: Command): Command =>
  command
    .option('-H, --header <name: value>', 'a header of the request (repeatable)', collect)
    .option('-X, --request <method>', 'the method (default GET)')
    .option('--claim <name=value>', 'a claim of its verified token (repeatable)', collect)
    .option(
      '--from <workload>',
      'who sends it: deploy/webapp, webapp.NAMESPACE, or labels such as app=webapp',
    )
    .option('--via <gateway>', 'the Gateway through which it comes: NAME or NAMESPACE/NAME')

const declareLive = (command: Command): Command =>
  command
    .option(
      '--live',
      'send real requests, and compare the versions of the answers with the configured shares',
    )
    .option('--address <host:port>', 'where --live sends the requests, if not to the host of the URL')
    .option('--rate <number>', 'the highest number of requests per second of --live (default 50)')
    .option('--version-header <name>', 'the response header that names the version')
    .option(
      '--version-body <regex>',
      'a regular expression whose group is the version in the body of an answer',
    )
    .option('--insecure', 'do not verify the certificate of the server for --live')

const declareAnswer = (command: Command): Command =>
  command
    .option(
      '--count <number>',
      'the number of requests to simulate, or to send with --live; -n 1000 is the same',
    )
    .option('--seed <number>', 'the seed of the simulation (default 1)')
    .option(
      '--with <edit>',
      "decide with the routes after this edit, like 'weight v2=10' (repeatable)",
      collect,
    )
    .option(
      '--diff',
      'show the decision before and after --with, or before and after the files of --with-cluster',
    )
    .option('--with-cluster', 'lay the files over the cluster')
    .option(
      '--expect <version>',
      'exit 3 unless the request goes there: v2, catalog/v2, v1=90,v2=10, a status such as 404, or closed',
    )
    .addOption(
      completed(
        new Option('--table <file>', 'a file of requests and the expected answers, in YAML or JSON'),
        anyFile,
      ),
    )
