import { Argument, Option, type Command } from 'commander'
import { CanaryError } from '../../../shared/objects/canary-error.ts'
import { anyFile, completed, oneOf, versions, versionsOrServices } from '../../flags/completed.ts'
import { withGrammar, type Grammar } from '../../flags/grammar.ts'
import { declarePrometheusFlags } from '../../flags/prometheus-flags.ts'
import type { Session } from '../../session.ts'
import { serviceBeforeVersion } from '../../words/service-words.ts'
import { serviceArgument, serviceNamed, serviceOption, stableOption } from '../edit-options.ts'
import type { RunFlags } from './run-flags.ts'

const examples = `
Examples:
  kubectl canary run catalog v2 --step 10 --max 50 --interval 45s --threshold 5
  kubectl canary run catalog v2 --steps 1,5,10,25,50 --metric request-success-rate:min=99:1m --metric request-duration:max=500:30s
  kubectl canary run catalog v2 --mirror 25% --promote confirm      copies of requests first; a person promotes
  kubectl canary run catalog v2 --source-label app=webapp           only the requests of some callers
  kubectl canary run catalog v2 --at-once                           blue/green: judged by its preview, then everything
  kubectl canary run catalog v2 --plan canary.yaml --report report.md
  kubectl canary run catalog v2 --from-canary catalog-release       as the analysis of a Canary of Flagger says
  kubectl canary run catalog v2 --simulate errors=2                 what the thresholds would do
  kubectl canary run catalog v2 --as-job --image IMAGE | kubectl apply -f -
  kubectl canary run catalog --resume                               continue a run at its step`

/** What a run takes of the flags of the program: it works on a cluster alone. */
const grammar: Grammar = {
  service: serviceBeforeVersion,
  formats: ['json'],
  flags: ['--reason', '--settle', '--ready-timeout', '--drain', '--history-limit'],
  namespaced: true,
}

/** `run catalog v2`: progressive delivery judged by metrics, without a controller. */
export function run(program: Command, session: Session): void {
  const command = withGrammar(program.command('run'), grammar)
    .usage('[service] <version> [flags]')
    .summary('deliver a version step by step, judged by metrics')
    .description(
      'Sends a version more and more of the requests, checks metrics at each step, and promotes the version at the end. If checks fail, it sends everything back to stable. The state of the run is in the cluster, so another process can continue it.',
    )
    .addArgument(serviceArgument(versionsOrServices))
    .addArgument(completed(new Argument('[version]', 'the version to deliver'), versions))
  declareSteps(command)
  declareCohort(command)
  declareAnalysis(command)
  declarePrometheusFlags(command)
  declareEnds(command)
    .addHelpText('after', examples)
    .action(async (first: string | undefined, second: string | undefined, typed: RunFlags) => {
      const flags = await expanded(session, typed)
      const words = [first, second].filter(word => word !== undefined)
      const { service, own } =
        flags.resume === true && words.length === 1
          ? { service: words[0], own: [] }
          : serviceBeforeVersion.split(words)
      const named = serviceNamed(session, service, flags.service)
      if (flags.image !== undefined && flags.asJob !== true)
        throw new CanaryError('usage', '--image needs --as-job', {
          hints: ['Leave it out, or print a Job: --as-job'],
        })
      if (flags.asJob === true) {
        const { printJob } = await import('./job/print-job.ts')
        return printJob(session, { ...named, version: own[0] }, { flags, shared: sharedOf(program) })
      }
      if (flags.simulate !== undefined) {
        const { simulateRun } = await import('./simulate-run.ts')
        return simulateRun(session, { ...named, version: own[0] }, flags)
      }
      const { startRun } = await import('./start-run.ts')
      return startRun(session, { ...named, version: own[0] }, flags)
    })
}

/** The flags, with the analysis of a Canary where one is named. */
async function expanded(session: Session, flags: RunFlags): Promise<RunFlags> {
  if (flags.fromCanary === undefined) return flags
  const { withCanary } = await import('./canary/from-canary.ts')
  return withCanary(session, flags)
}

/** Flags of the program that go with a run into a Job, as they were typed. */
const goAlong = [
  'reason',
  'settle',
  'readyTimeout',
  'drain',
  'historyLimit',
  'requestTimeout',
  'rootNamespace',
  'clusterDomain',
  'defaultExportTo',
]

const sharedOf = (program: Command): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    goAlong
      .filter(name => program.getOptionValueSource(name) === 'cli')
      .map(name => [name, program.getOptionValue(name)]),
  )

const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value]

const declareSteps = (command: Command): Command =>
  command
    .option('--step <percent>', 'percentage points from one step to the next (default 10)')
    .option('--max <percent>', 'the percentage of the last step before promotion (default 50)')
    .option('--steps <percents>', 'the percentages of all steps, like 1,5,10,25,50')
    .option('--mirror <percent>', 'first send copies of this percentage of the requests, and judge by them')
    .option('--at-once', 'blue/green: judge the version by its preview, then send everything to it')
    .option(
      '--interval <duration>',
      'the time from a step to its first check, and between two checks (default 1m)',
    )
    .option(
      '--iterations <number>',
      'how many checks each step has to pass (default 1; 10 if the share does not grow)',
    )
    .addOption(
      completed(
        new Option(
          '--promote <how>',
          'after the last step: auto, or confirm to wait for a person (default auto)',
        ),
        oneOf('auto', 'confirm'),
      ),
    )
    .addOption(
      completed(
        new Option('--plan <file>', 'a file with these settings; flags on the command line take precedence'),
        anyFile,
      ),
    )
    .addOption(
      completed(
        new Option(
          '--from-canary <name>',
          'take these settings from the analysis of a Canary of Flagger: its name, or a file with it; flags on the command line take precedence',
        ),
        anyFile,
      ),
    )

const declareCohort = (command: Command): Command =>
  command
    .option(
      '--cohort <name>',
      'judge by the requests of this cohort: those with the header x-istio-cohort: NAME',
    )
    .option(
      '--header <name=value>',
      'the cohort is the requests with this header, as for cohort (repeatable)',
      collect,
    )
    .option('--cookie <name=value>', 'the same, with this cookie (repeatable)', collect)
    .option('--query <name=value>', 'the same, with this query parameter (repeatable)', collect)
    .option(
      '--claim <name=value>',
      'the same, with this claim in the verified token, at gateways (repeatable)',
      collect,
    )
    .option('--source-label <name=value>', 'the same, from pods with this label (repeatable)', collect)

const declareAnalysis = (command: Command): Command =>
  command
    .option(
      '--metric <metric>',
      'request-success-rate:min=99:1m, request-duration:max=500:30s or pod-failures (repeatable; default: a success rate of 99 %, and durations no worse than stable)',
      collect,
    )
    .option(
      '--threshold <number>',
      'the number of failed checks after which everything goes back to stable (default 5)',
    )
    .addOption(
      completed(
        new Option(
          '--failures <which>',
          'count all failed checks (total), or those since one passed (consecutive) (default total)',
        ),
        oneOf('total', 'consecutive'),
      ),
    )
    .option('--min-requests <number>', 'the fewest requests of each version for a verdict (default 50)')
    .option(
      '--confidence <number>',
      'how certain a failure must be statistically, between 0.5 and 1 (default 0.95)',
    )
    .addOption(
      completed(
        new Option(
          '--on-no-data <what>',
          'a check without data waits for the next one (wait), or fails (fail) (default wait)',
        ),
        oneOf('wait', 'fail'),
      ),
    )
    .option(
      '--data-deadline <duration>',
      'the time without data after which everything goes back to stable (default 15m)',
    )
    .option(
      '--scrape-interval <duration>',
      'how often Prometheus scrapes (default: as the server reports, else 15s)',
    )

const declareEnds = (command: Command): Command =>
  command
    .option('--timeout <duration>', 'the time limit of the run; after it everything goes back to stable')
    .option(
      '--gate <url>',
      'a URL that has to answer a POST with 2xx before each step forward (repeatable)',
      collect,
    )
    .option('--confirm', 'ask on the terminal before each step forward')
    .option(
      '--hook <url>',
      'post events of the run to this URL, in the form of Flagger’s webhooks (repeatable)',
      collect,
    )
    .addOption(
      completed(
        new Option('--hook-template <file>', 'the body of these posts, with {{ service }} and the like'),
        anyFile,
      ),
    )
    .addOption(completed(new Option('--report <file>', 'write a report in Markdown at the end'), anyFile))
    .option(
      '--simulate <traffic>',
      'play the plan with simulated traffic in seconds, without a cluster: good, or rps=20,errors=2,slower=1.5,after=120; file=FILE plays recorded traffic',
    )
    .option('--resume', 'continue the run of the Service that is recorded in the cluster')
    .option(
      '--continue <key>',
      'start a run with this key, or continue it at its step; a run with this key that has ended is not started again',
    )
    .option('--as-job', 'print a Job that executes the run in the cluster, with the rights that it needs')
    .option('--image <image>', 'the image of that Job; the image of the guard contains this program')
    .addOption(serviceOption())
    .addOption(stableOption())
    .option(
      '--force',
      'continue at each step even if a version has too few ready pods, a GitOps tool reverts the edit, or a freeze holds the Service',
    )
