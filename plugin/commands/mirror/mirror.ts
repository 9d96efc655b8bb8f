import { Argument, Option, type Command } from 'commander'
import { CanaryError } from '../../../shared/objects/canary-error.ts'
import type { IntentOf } from '../../edit/intent.ts'
import { completed, sharesOrServices, sharesToGive } from '../../flags/completed.ts'
import { editGrammar, withGrammar } from '../../flags/grammar.ts'
import type { Session } from '../../session.ts'
import { parseMirrors } from '../../words/mirrors.ts'
import { serviceBeforeShares } from '../../words/service-words.ts'
import {
  forceOption,
  routeOption,
  serviceArgument,
  serviceNamed,
  serviceOption,
  stableOption,
  virtualServiceOption,
  withChoice,
  type ChoiceFlags,
} from '../edit-options.ts'
import { lacking } from '../lacking.ts'

interface Flags extends ChoiceFlags {
  readonly service?: string
  readonly stable?: string
  readonly off?: boolean
  readonly force: boolean
}

const examples = `
Examples:
  kubectl canary mirror v2=25                v2 gets a copy of 25 % of the requests
  kubectl canary mirror catalog v2=25        the same, where several Services have a v2
  kubectl canary mirror v2=25 v3=0.5         two versions, each with its own percentage
  kubectl canary mirror v3=0                 no copies for v3 any more; other mirrors stay
  kubectl canary mirror --off                no mirrors but those written by hand
  kubectl canary mirror v2=25 -f catalog/    the same on manifests, without a cluster`

/** `mirror v2=25`: copies of requests to a version, whose answers are dropped. */
export function mirror(program: Command, session: Session): void {
  withGrammar(program.command('mirror'), editGrammar(serviceBeforeShares))
    .usage('[service] <version=percent...> | --off [flags]')
    .summary('send a version copies of requests, and drop its answers')
    .description(
      'Sends each version that is named copies of that percentage of the requests, and drops its answers. The versions that are named are the whole set; mirrors that were written by hand stay. Copies of requests that change data (POST, PUT, PATCH, DELETE) take effect in the version.',
    )
    .addArgument(serviceArgument(sharesOrServices))
    .addArgument(completed(new Argument('[version=percent...]', 'like v2=25, or v2=25,v3=0.5'), sharesToGive))
    .addOption(new Option('--off', 'end all mirrors that kubectl canary set'))
    .addOption(serviceOption())
    .addOption(stableOption())
    .addOption(forceOption())
    .addOption(routeOption())
    .addOption(virtualServiceOption())
    .addHelpText('after', examples)
    .action(async (first: string | undefined, rest: readonly string[], flags: Flags) => {
      const { service, own } = serviceBeforeShares.split(first === undefined ? [] : [first, ...rest])
      const named = serviceNamed(session, service, flags.service)
      if (own.length === 0 && flags.off !== true) throw await noPercentage(session, named.service)
      const intent = mirrorIntentOf(own, { ...flags, ...named })
      const { runEdit } = await import('../run-edit.ts')
      await runEdit(session, intent)
    })
}

/** What the words of a `mirror` mean; throws `usage` for percentages that cannot be given, and for some with `--off`. */
export function mirrorIntentOf(words: readonly string[], { off, ...flags }: Flags): IntentOf<'set-mirrors'> {
  const choice = withChoice(flags)
  if (off !== true) return { kind: 'set-mirrors', mirrors: parseMirrors(words), ...choice }
  const beside =
    words.length > 0 ? words.join(' ') : 'choice' in choice ? '--route and --virtual-service' : undefined
  if (beside === undefined) return { kind: 'set-mirrors', mirrors: new Map(), ...choice }
  throw new CanaryError('usage', `--off ends all mirrors and cannot be used with ${beside}`, {
    hints: ['To end one of several: VERSION=0'],
  })
}

/** One word without a percentage may be a Service, or a version that lacks its percentage. */
const noPercentage = (session: Session, word: string | undefined): Promise<CanaryError> =>
  lacking(session, {
    message: word === undefined ? 'no percentage is given' : `${word}: no percentage is given`,
    service: word,
    words: (name, version) => ['mirror', name, `${version}=25`],
    example: ['catalog', 'v2'],
  })
