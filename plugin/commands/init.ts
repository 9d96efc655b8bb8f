import { type Command, Option } from 'commander'
import { CanaryError } from '../../shared/objects/canary-error.ts'
import type { IntentOf } from '../edit/intent.ts'
import { completed, gateways, versions } from '../flags/completed.ts'
import { editGrammar, withGrammar } from '../flags/grammar.ts'
import { lacking } from './lacking.ts'
import type { Session } from '../session.ts'
import type { PreviewIntent } from '../../shared/plan/intent.ts'
import { hasRegex, parseConditions } from '../words/conditions.ts'
import { checkVersion } from '../words/names.ts'
import { checkRegexWith } from '../words/regex.ts'
import { hasOneGateway } from '../words/routing-api.ts'
import { rfc3339 } from '../words/until.ts'
import { serviceAlone } from '../words/service-words.ts'
import { forceOption, serviceArgument, serviceNamed, serviceOption } from './edit-options.ts'

interface Words {
  readonly service?: string
  readonly gateway: readonly string[]
  readonly host: readonly string[]
  readonly mesh?: boolean
  readonly force: boolean
}
interface PreviewFlags {
  readonly preview?: string

  readonly previewHost?: readonly string[]
  readonly previewHeader?: readonly string[]
}
type Flags = Words & PreviewFlags & { readonly stable?: string }

const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value]

const collectMore = (value: string, before?: readonly string[]): readonly string[] => [
  ...(before ?? []),
  value,
]

const examples = `
Examples:
  kubectl canary init catalog --stable v1
  kubectl canary init catalog --stable v1 --gateway catalog-gateway --host catalog.example.com
  kubectl canary init catalog --stable v1 --preview v2     v2 for requests with x-istio-cohort: preview, until promote v2
  kubectl canary init catalog --stable v1 --preview v2 --gateway catalog-gateway --preview-host next.example.com
  kubectl canary init catalog --stable v1 --mesh    beside the routes of a gateway`

/** `init --stable v1`: subsets from the workloads' version labels, and a route to stable. */
export function init(program: Command, session: Session): void {
  const stable = new Option('--stable <version>', 'the version that gets all requests at first (required)')
  withGrammar(program.command('init'), editGrammar(serviceAlone))
    .summary('prepare a service: a subset for each version, a route to stable')
    .description(
      'Creates a DestinationRule with a subset for each version label of the workloads, and a VirtualService that sends all requests to stable. With --preview, a version can be tried before it gets all requests (blue/green): with a header, or at its own host. promote sends it all requests at once; promote and abort end the preview.',
    )
    .addArgument(serviceArgument())
    .addOption(completed(stable, versions))
    .addOption(gatewayOption())
    .option(
      '--mesh',
      'cover callers inside the mesh, too, where a gateway is covered already (the same as --gateway mesh)',
    )
    .option('--host <host>', 'a host of that Gateway (repeatable)', collect, [])
    .addOption(
      completed(new Option('--preview <version>', 'the version to show before it is promoted'), versions),
    )
    .option(
      '--preview-host <host>',
      'the host at --gateway where only the preview answers (repeatable)',
      collectMore,
    )
    .option(
      '--preview-header <name=value>',
      'the header that sends requests to the preview, instead of x-istio-cohort: preview (repeatable)',
      collectMore,
    )
    .addOption(serviceOption())
    .addOption(forceOption())
    .addHelpText('after', examples)
    .action(async (word: string | undefined, flags: Flags) => {
      const { stable: version } = flags
      const named = serviceNamed(session, word, flags.service)
      if (version === undefined) throw await noStable(session, named.service)
      const { preview: _, previewHost: _h, previewHeader: _r, ...words } = flags
      const preview = await previewIntentOf(flags, session.streams.now())
      const intent = initIntentOf({ ...words, stable: version, ...named }, preview, session.flags.provider)
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

/**
 * What the words of an `init` mean, with the preview that they ask for; throws `usage` where they do not fit
 * together.
 */
export function initIntentOf(
  { stable, gateway, host, mesh = false, ...flags }: Words & { readonly stable: string },
  preview?: PreviewIntent,
  provider?: string,
): IntentOf<'init'> {
  const gateways = gateway.filter(name => name !== 'mesh')
  const isAlone = provider !== undefined && hasOneGateway(provider)
  checkHosts({ gateways, host, previewHost: preview?.hosts ?? [], isAlone })
  const isMesh = mesh || gateway.includes('mesh')
  return {
    kind: 'init',
    stable: checkVersion(stable),
    // A gateway may be meant for the preview alone.
    gateways: host.length === 0 ? [] : gateways,
    hosts: host,
    ...(isMesh && { mesh: true }),
    ...(preview !== undefined && {
      preview: { ...preview, gateways: preview.hosts.length === 0 ? [] : gateways },
    }),
    ...flags,
  }
}

/**
 * The preview that is asked for, without its gateways; throws `usage` where the words do not fit together. It waits
 * only for the regex checker.
 */
export async function previewIntentOf(
  { preview, previewHost = [], previewHeader = [] }: PreviewFlags,
  now: Date,
): Promise<PreviewIntent | undefined> {
  const alone = previewHost.length > 0 ? '--preview-host' : '--preview-header'
  if (preview === undefined && previewHost.length + previewHeader.length > 0)
    throw usage(`${alone} needs --preview`, 'Name the version to show before it is promoted: --preview v2.')
  if (previewHost.length > 0 && previewHeader.length > 0)
    throw usage('--preview-host cannot be used with --preview-header', 'Leave one of them out.')
  if (preview === undefined) return undefined
  const words = { header: previewHeader }
  return {
    version: checkVersion(preview),
    hosts: previewHost,
    gateways: [],
    conditions: parseConditions(words, hasRegex(words) ? await checkRegexWith() : () => undefined),
    since: rfc3339(now),
  }
}

interface HostWords {
  readonly gateways: readonly string[]
  readonly host: readonly string[]
  readonly previewHost: readonly string[]
  /** A host needs no gateway. */
  readonly isAlone: boolean
}

/** Throws `usage` where hosts and gateways do not fit together. */
function checkHosts({ gateways, host, previewHost, isAlone }: HostWords): void {
  if (previewHost.length > 0 && gateways.length === 0)
    throw usage(
      '--preview-host needs --gateway',
      'Name the Gateway at which the host is, like --gateway catalog-gateway; inside the mesh use --preview-header.',
    )
  const both = previewHost.find(name => host.includes(name))
  if (both !== undefined)
    throw usage(`${both} is both --host and --preview-host`, 'Give the preview a host of its own.')
  if (isAlone && gateways.length === 0) return
  if ((gateways.length === 0) !== (host.length + previewHost.length === 0))
    throw usage(
      '--gateway and --host must be used together',
      'Name the Gateway and the host that clients call, like --gateway catalog-gateway --host catalog.example.com.',
    )
}

const usage = (message: string, hint: string): CanaryError =>
  new CanaryError('usage', message, { hints: [hint] })
