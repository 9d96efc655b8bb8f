import { Option, type Command } from 'commander'
import { CanaryError } from '../../../shared/objects/canary-error.ts'
import type { IntentOf } from '../../edit/intent.ts'
import { editGrammar, withGrammar } from '../../flags/grammar.ts'
import type { Session } from '../../session.ts'
import { serviceAlone } from '../../words/service-words.ts'
import { insistOption, serviceArgument, serviceNamed, serviceOption } from '../edit-options.ts'

interface Flags {
  readonly service?: string
  readonly yes?: boolean
  readonly keepWorkloads?: boolean
  readonly deleteWorkloads?: boolean
  readonly force?: boolean
}

const examples = `
Examples:
  kubectl canary cleanup catalog                      show what a finished canary left behind
  kubectl canary cleanup catalog --yes                remove its subset and scale its Deployment to zero
  kubectl canary cleanup catalog --yes --delete-workloads`

/** `cleanup`: what a finished canary left behind goes. */
export function cleanup(program: Command, session: Session): void {
  withGrammar(program.command('cleanup'), editGrammar(serviceAlone))
    .summary('remove what a finished canary left behind')
    .description(
      'Shows the subsets and workloads of versions that no route leads to any more. With --yes, removes the subsets and scales the workloads to zero. A version that has had no requests yet stays.',
    )
    .addArgument(serviceArgument())
    .addOption(serviceOption())
    .addOption(new Option('--yes', 'do it; without it, nothing is changed'))
    .addOption(new Option('--keep-workloads', 'remove the subsets only'))
    .addOption(
      new Option(
        '--delete-workloads',
        'delete the workloads and their autoscalers, not only scale them to zero',
      ),
    )
    .addOption(insistOption())
    .addHelpText('after', examples)
    .action(async (word: string | undefined, flags: Flags) => {
      const intent = cleanupIntentOf({ ...flags, ...serviceNamed(session, word, flags.service) })
      const { runEdit } = await import('../run-edit.ts')
      await runEdit(session, intent, { preview: flags.yes !== true })
    })
}

/** What the words of a `cleanup` mean; throws `usage` where they do not fit together. */
export function cleanupIntentOf({
  service,
  keepWorkloads = false,
  deleteWorkloads = false,
  force = false,
}: Flags): IntentOf<'cleanup'> {
  if (keepWorkloads && deleteWorkloads)
    throw new CanaryError('usage', '--keep-workloads cannot be used with --delete-workloads', {
      hints: ['Leave one of them out.'],
    })
  return {
    kind: 'cleanup',
    workloads: keepWorkloads ? 'keep' : deleteWorkloads ? 'delete' : 'scale',
    force,
    ...(service === undefined ? {} : { service }),
  }
}
