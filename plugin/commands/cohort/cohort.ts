import { Argument, type Command, Option } from 'commander'
import { cohortNames, completed, listedServices, versions } from '../../flags/completed.ts'
import { editGrammar, withGrammar } from '../../flags/grammar.ts'
import { CanaryError } from '../../../shared/objects/canary-error.ts'
import { lacking } from '../lacking.ts'
import type { Session } from '../../session.ts'
import {
  serviceArgument,
  forceOption,
  stableOption,
  routeOption,
  virtualServiceOption,
} from '../edit-options.ts'
import { chosenServices } from '../../words/names.ts'
import { serviceAfterName } from '../../words/service-words.ts'
import { cohortIntentOf, type CohortFlags } from './cohort-intent.ts'

const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value]

const examples = `
Examples:
  kubectl canary cohort internal --to v2                       requests with x-istio-cohort: internal
  kubectl canary cohort internal catalog --to v2               the same, where several Services have a v2
  kubectl canary cohort internal --to v2 --service catalog,checkout    of both, as one change with one undo
  kubectl canary cohort beta --to v2 --cookie beta=yes --until 2d --reason "beta of the new search"
  kubectl canary cohort early --to v2 --bucket 5% --by x-user-id       5 % of the users, always the same
  kubectl canary cohort staff --to v2 --claim group=internal           by the token that a gateway verified
  kubectl canary cohort vip --to v1 --header x-tier=gold --before internal
  kubectl canary cohort internal --remove`

/** `cohort internal --to v2`: a header route for a named group of requests; `--remove` takes it away. */
export function cohort(program: Command, session: Session): void {
  const command = withGrammar(program.command('cohort'), editGrammar(serviceAfterName))
    .summary('send a named group of requests to a version')
    .description(
      'Sends the requests of a cohort to a version, whatever the weights are. Without conditions, these are the requests with the header x-istio-cohort: NAME; several conditions must all hold. For an existing cohort, the command changes what is given and keeps the rest.',
    )
    .addArgument(completed(new Argument('<name>', 'the name of the cohort'), cohortNames))
    .addArgument(serviceArgument(listedServices))
    .addOption(
      completed(
        new Option(
          '--to <version>',
          'the version that gets the requests of the cohort; v2=50 sends half of them there, the rest to stable',
        ),
        versions,
      ),
    )
  declareConditions(command)
    .addOption(
      completed(
        new Option('--before <cohort>', 'give this cohort precedence over another one, if both match'),
        cohortNames,
      ),
    )
    .option('--until <when>', 'the planned end: 2d, 36h or 2026-08-31; recorded, and checked by lint')
    .option('--remove', 'remove the cohort')
    .addOption(servicesOption())
    .option(
      '--all-services',
      'all Services of the namespace: those that have the version and a route, as one change',
    )
    .addOption(stableOption())
    .addOption(forceOption())
    .addOption(routeOption())
    .addOption(virtualServiceOption())
    .addHelpText('after', examples)
    .action(async (name: string, word: string | undefined, { service, allServices, ...flags }: Flags) => {
      const chosen = servicesNamed(session, word, { service, allServices })
      if (flags.to === undefined && flags.remove !== true) throw await noVersion(session, name, chosen)
      const intent = await cohortIntentOf(
        name,
        { ...flags, ...chosen, ...reasonOf(session) },
        session.streams.now(),
      )
      const { runEdit } = await import('../run-edit.ts')
      await runEdit(session, intent)
    })
}

interface ServiceFlags {
  readonly service?: string | undefined
  readonly allServices?: boolean | undefined
}
type Flags = Omit<CohortFlags, 'service' | 'services'> & ServiceFlags

/** Which Services a cohort is of: one, several, all that fit, or none that is named. */
export function servicesNamed(
  { flags: { namespace } }: Session,
  word: string | undefined,
  { service: flag, allServices = false }: ServiceFlags,
): Pick<CohortFlags, 'service' | 'services'> {
  const [service, ...more] = chosenServices({ word, flag, namespace })
  if (allServices && service !== undefined)
    throw new CanaryError('usage', '--all-services cannot be used with the name of a Service', {
      hints: ['Leave one of them out.'],
    })
  if (allServices) return { services: 'all' }
  if (service === undefined) return {}
  return more.length === 0 ? { service } : { services: [service, ...more] }
}

/** `--service`, with one or several; typed again, it names more. */
const servicesOption = (): Option =>
  completed(
    new Option(
      '--service <names>',
      'the Service (same as the argument); several with commas are changed together, all or none',
    ).argParser((value: string, before?: string) => (before === undefined ? value : `${before},${value}`)),
    listedServices,
  )

const reasonOf = ({ flags: { writing } }: Session): { readonly reason?: string } =>
  writing.reason === undefined ? {} : { reason: writing.reason }

const noVersion = async (
  session: Session,
  cohort: string,
  { service, services }: Pick<CohortFlags, 'service' | 'services'>,
): Promise<CanaryError> => {
  const message = `cohort ${cohort} needs --to VERSION, or --remove`
  if (services !== undefined)
    return new CanaryError('usage', message, {
      hints: [`For example: kubectl canary ${session.typed.command} --to v2`],
    })
  return lacking(session, {
    message,
    service,
    words: (name, version) => ['cohort', cohort, name, '--to', version],
    example: ['catalog', 'v2'],
  })
}

const declareConditions = (command: Command): Command =>
  command
    .option(
      '--header <name=value>',
      'requests with this header; also name:prefix=value, name:regex=value, or name for any value (repeatable)',
      collect,
    )
    .option('--cookie <name=value>', 'requests with this cookie (repeatable)', collect)
    .option(
      '--query <name=value>',
      'requests with this query parameter; also name:regex=value (repeatable)',
      collect,
    )
    .option(
      '--claim <name=value>',
      'requests whose verified token (JWT) has this claim, at gateways; also name:prefix=value, name:regex=value, and parent.name=value for a nested claim (repeatable)',
      collect,
    )
    .option('--source-label <name=value>', 'requests from pods with this label (repeatable)', collect)
    .option(
      '--bucket <percent>',
      'a fixed percentage of the values of the header in --by, selected by the digits at their end',
    )
    .option('--by <header>', 'the header of --bucket, like x-user-id')
    .addOption(
      new Option(
        '--digits <kind>',
        'the kind of digits at the end of these values (default decimal)',
      ).choices(['decimal', 'hex']),
    )
