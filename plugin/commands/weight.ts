import { Argument, type Command } from 'commander'
import type { CanaryError } from '../../shared/objects/canary-error.ts'
import type { IntentOf } from '../edit/intent.ts'
import { completed, sharesOrServices, sharesToGive } from '../flags/completed.ts'
import { editGrammar, withGrammar } from '../flags/grammar.ts'
import { lacking } from './lacking.ts'
import type { Session } from '../session.ts'
import { serviceBeforeShares } from '../words/service-words.ts'
import { parseSticky } from '../words/sticky.ts'
import { parseWeights } from '../words/weights.ts'
import {
  serviceArgument,
  serviceNamed,
  type ChoiceFlags,
  forceOption,
  serviceOption,
  stableOption,
  withChoice,
  routeOption,
  virtualServiceOption,
} from './edit-options.ts'

interface Flags extends ChoiceFlags {
  readonly service?: string
  readonly stable?: string
  readonly force: boolean
  readonly sticky?: boolean
  readonly cookie?: string
  readonly ttl?: string
}

const examples = `
Examples:
  kubectl canary weight v2=10                10 % to v2, 90 % to stable
  kubectl canary weight catalog v2=10        the same, where several Services have a v2
  kubectl canary weight v2=10 v3=5           three ways
  kubectl canary weight v2=10 --sticky       users keep the version that they got first
  kubectl canary weight v2=10 -f catalog/    the same on manifests, without a cluster`

/** `weight v2=10`: the whole split, the remainder to stable. */
export function weight(program: Command, session: Session): void {
  withGrammar(program.command('weight'), editGrammar(serviceBeforeShares))
    .usage('[service] <version=percent...> [flags]')
    .summary('send a share of all requests to a version')
    .description(
      'Sets the whole split: each version that is named gets its percentage, stable gets the remainder, and other versions get nothing.',
    )
    .addArgument(serviceArgument(sharesOrServices))
    .addArgument(completed(new Argument('[version=percent...]', 'like v2=10, or v2=10,v3=5'), sharesToGive))
    .option('--sticky', 'let users keep the version that they got first, by a cookie')
    .option('--no-sticky', 'stop letting users keep their version')
    .option('--cookie <name>', 'the name of that cookie; canary-SERVICE.NAMESPACE where none is given')
    .option('--ttl <span>', 'how long the cookie binds after the last request, like 1h or 7d (default 1d)')
    .addOption(serviceOption())
    .addOption(stableOption())
    .addOption(forceOption())
    .addOption(routeOption())
    .addOption(virtualServiceOption())
    .addHelpText('after', examples)
    .action(async (first: string | undefined, rest: readonly string[], flags: Flags) => {
      const { service, own } = serviceBeforeShares.split(first === undefined ? [] : [first, ...rest])
      const named = serviceNamed(session, service, flags.service)
      if (own.length === 0) throw await noShares(session, named.service)
      const intent = weightIntentOf(own, { ...flags, ...named }, session.streams.now())
      const { runEdit } = await import('./run-edit.ts')
      await runEdit(session, intent)
    })
}

/** What the words of a `weight` mean; throws `usage` for weights that cannot be given. */
export const weightIntentOf = (
  words: readonly string[],
  { sticky, cookie, ttl, ...flags }: Flags,
  now: Date,
): IntentOf<'set-weights'> => {
  const kept = parseSticky({ sticky, cookie, ttl }, now)
  return {
    kind: 'set-weights',
    weights: parseWeights(words),
    ...withChoice(flags),
    ...(kept !== undefined && { sticky: kept }),
  }
}

/** One word without a share may be a Service, or a version that lacks its percentage. */
const noShares = (session: Session, word: string | undefined): Promise<CanaryError> =>
  lacking(session, {
    message: word === undefined ? 'no weight is given' : `${word}: no weight is given`,
    service: word,
    words: (name, version) => ['weight', name, `${version}=10`],
    example: ['catalog', 'v2'],
  })
