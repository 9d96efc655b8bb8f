import { Argument, Option, type Command } from 'commander'
import { CanaryError } from '../../shared/objects/canary-error.ts'
import type { IntentOf } from '../edit/intent.ts'
import { completed, versions, versionsOrServices } from '../flags/completed.ts'
import { editGrammar, withGrammar } from '../flags/grammar.ts'
import { lacking } from './lacking.ts'
import type { Session } from '../session.ts'
import { checkVersion } from '../words/names.ts'
import {
  serviceArgument,
  serviceNamed,
  type ChoiceFlags,
  forceOption,
  serviceOption,
  withChoice,
  routeOption,
  virtualServiceOption,
} from './edit-options.ts'
import { serviceBeforeVersion } from '../words/service-words.ts'

interface Flags extends ChoiceFlags {
  readonly service?: string
  readonly force: boolean
  readonly step?: boolean
  readonly full?: boolean
}

const examples = `
Examples:
  kubectl canary promote v2
  kubectl canary promote catalog v2
  kubectl canary promote catalog --step      the next step of its Rollout (Argo Rollouts)
  kubectl canary promote catalog --full      all of it at once, whatever its version is called`

/** `promote v2`: the version becomes stable and takes everything. */
export function promote(program: Command, session: Session): void {
  withGrammar(program.command('promote'), editGrammar(serviceBeforeVersion))
    .usage('[service] <version> | [service] --step | [service] --full [flags]')
    .summary('make a version stable and send everything to it')
    .description(
      'Makes the version stable and sends all requests to it. Removes the cohorts and mirrors that lead to it, because they no longer change anything; lists the others. If Argo Rollouts or Flagger owns the Service, its controller promotes the version that it rolls out; --step and --full need no version.',
    )
    .addArgument(serviceArgument(versionsOrServices))
    .addArgument(completed(new Argument('[version]', 'the version that becomes stable'), versions))
    .addOption(serviceOption())
    .addOption(forceOption())
    .addOption(routeOption())
    .addOption(virtualServiceOption())
    .addOption(new Option('--step', 'go to the next step of the Rollout that owns the Service'))
    .addOption(
      new Option('--full', 'promote the version that a controller rolls out, without its further steps'),
    )
    .addHelpText('after', examples)
    .action(async (first: string | undefined, second: string | undefined, flags: Flags) => {
      const words = [first, second].filter(word => word !== undefined)
      const order = orderIntentOf(words, flags)
      if (order !== undefined) {
        const { runEdit } = await import('./run-edit.ts')
        return runEdit(session, { ...order, ...serviceNamed(session, words[0], flags.service) })
      }
      const { service, own } = serviceBeforeVersion.split(words)
      if (own.length === 0) throw await noVersion(session, serviceNamed(session, service, flags.service))
      const intent = promoteIntentOf(own[0]!, { ...flags, ...serviceNamed(session, service, flags.service) })
      const { runEdit } = await import('./run-edit.ts')
      await runEdit(session, intent)
    })
}

const noVersion = (session: Session, { service }: { readonly service?: string }): Promise<CanaryError> =>
  lacking(session, {
    message: 'no version is given',
    service,
    words: (name, version) => ['promote', name, version],
    example: ['catalog', 'v2'],
  })

/**
 * What `--step` and `--full` mean; undefined without them. They replace the version, so that the only word is the
 * Service; throws `usage` where both or a version are typed.
 */
export function orderIntentOf(
  words: readonly string[],
  flags: Partial<Flags>,
): IntentOf<'order'> | undefined {
  const [flag, another] = [
    ...(flags.step === true ? ['--step'] : []),
    ...(flags.full === true ? ['--full'] : []),
  ]
  if (flag === undefined) return undefined
  const beside =
    another ?? words[1] ?? ('choice' in withChoice(flags) ? '--route and --virtual-service' : undefined)
  if (beside !== undefined)
    throw new CanaryError('usage', `${flag} cannot be used with ${beside}`, {
      hints: ['Leave one of them out.'],
    })
  return {
    kind: 'order',
    order: flag === '--step' ? 'step' : 'full',
    ...(flags.force === true && { force: true }),
  }
}

/** What the words of a `promote` mean; throws `usage` for a word that is not a version. */
export const promoteIntentOf = (
  version: string,
  { step: _, full: __, ...flags }: Flags,
): IntentOf<'promote'> => ({
  kind: 'promote',
  version: checkVersion(version),
  ...withChoice(flags),
})
