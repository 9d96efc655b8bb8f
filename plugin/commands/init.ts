import { type Command, Option } from 'commander'
import { CanaryError } from '../../shared/objects/canary-error.ts'
import type { IntentOf } from '../edit/intent.ts'
import { completed, gateways, versions } from '../flags/completed.ts'
import { editGrammar, withGrammar } from '../flags/grammar.ts'
import { lacking } from './lacking.ts'
import type { Session } from '../session.ts'
import { checkVersion } from '../words/names.ts'
import { serviceAlone } from '../words/service-words.ts'
import { forceOption, serviceArgument, serviceNamed, serviceOption } from './edit-options.ts'

interface Flags {
  readonly service?: string
  readonly stable?: string
  readonly gateway: readonly string[]
  readonly host: readonly string[]
  readonly mesh?: boolean
  readonly force: boolean
}

const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value]

const examples = `
Examples:
  kubectl canary init catalog --stable v1
  kubectl canary init catalog --stable v1 --gateway catalog-gateway --host catalog.example.com
  kubectl canary init catalog --stable v1 --mesh    beside the routes of a gateway`

/** `init --stable v1`: subsets from the workloads' version labels, and a route to stable. */
export function init(program: Command, session: Session): void {
  const stable = new Option('--stable <version>', 'the version that gets all requests at first (required)')
  withGrammar(program.command('init'), editGrammar(serviceAlone))
    .summary('prepare a service: a subset for each version, a route to stable')
    .description(
      'Creates a DestinationRule with a subset for each version label of the workloads, and a VirtualService that sends all requests to stable.',
    )
    .addArgument(serviceArgument())
    .addOption(completed(stable, versions))
    .addOption(gatewayOption())
    .option(
      '--mesh',
      'cover callers inside the mesh, too, where a gateway is covered already (the same as --gateway mesh)',
    )
    .option('--host <host>', 'a host of that Gateway (repeatable)', collect, [])
    .addOption(serviceOption())
    .addOption(forceOption())
    .addHelpText('after', examples)
    .action(async (word: string | undefined, flags: Flags) => {
      const { stable: version } = flags
      const named = serviceNamed(session, word, flags.service)
      if (version === undefined) throw await noStable(session, named.service)
      const intent = initIntentOf({ ...flags, stable: version, ...named })
      const { runEdit } = await import('./run-edit.ts')
      await runEdit(session, intent)
    })
}

const noStable = (session: Session, service: string | undefined): Promise<CanaryError> =>
  lacking(session, {
    message: 'no stable version is given: init needs --stable',
    service,
    offers: 'all',
    words: (name, version) => ['init', name, '--stable', version],
    example: ['catalog', 'v1'],
  })

const gatewayOption = (): Option =>
  completed(
    new Option(
      '--gateway <name>',
      'a Gateway through which the service is reached, NAME or NAMESPACE/NAME (repeatable)',
    )
      .argParser(collect)
      .default([]),
    gateways,
  )

/** What the words of an `init` mean; throws `usage` where they do not fit together. */
export function initIntentOf({
  stable,
  gateway,
  host,
  mesh = false,
  ...flags
}: Flags & { readonly stable: string }): IntentOf<'init'> {
  const gateways = gateway.filter(name => name !== 'mesh')
  if ((gateways.length === 0) !== (host.length === 0)) {
    throw new CanaryError('usage', '--gateway and --host must be used together', {
      hints: [
        'Name the Gateway and the host that clients call, like --gateway catalog-gateway --host catalog.example.com.',
      ],
    })
  }
  const isMesh = mesh || gateway.includes('mesh')
  return {
    kind: 'init',
    stable: checkVersion(stable),
    gateways,
    hosts: host,
    ...(isMesh && { mesh: true }),
    ...flags,
  }
}
