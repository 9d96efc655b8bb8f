import { Option, type Command } from 'commander'
import { CanaryError } from '../../../shared/objects/canary-error.ts'
import type { IntentOf } from '../../edit/intent.ts'
import { liveEditGrammar, withGrammar } from '../../flags/grammar.ts'
import type { Session } from '../../session.ts'
import { serviceAlone } from '../../words/service-words.ts'
import { forceOption, serviceArgument, serviceNamed, serviceOption } from '../edit-options.ts'

interface Flags {
  readonly service?: string
  readonly toRevision?: string
  readonly force: boolean
}

const examples = `
Examples:
  kubectl canary undo catalog                     take the last change back
  kubectl canary undo catalog --to-revision 3     as it was after revision 3
  kubectl canary history catalog                  show the revisions`

/** `undo`: the routing objects as they were after an earlier change. */
export function undo(program: Command, session: Session): void {
  withGrammar(program.command('undo'), liveEditGrammar(serviceAlone))
    .summary('take changes of a service back')
    .description(
      'Restores the routing objects of a service as they were before its last change, or after an earlier one. Later changes of others stay, unless they are on the same route. An undo is a change like any other: it is checked by the rules, recorded, and can be undone.',
    )
    .addArgument(serviceArgument())
    .addOption(serviceOption())
    .addOption(
      new Option(
        '--to-revision <number>',
        'the revision whose state is restored; the one before the oldest restores what was there before it',
      ),
    )
    .addOption(forceOption())
    .addHelpText('after', examples)
    .action(async (word: string | undefined, flags: Flags) => {
      const intent = undoIntentOf({ ...flags, ...serviceNamed(session, word, flags.service) })
      const { undoRollout } = await import('./undo-rollout.ts')
      if (await undoRollout(session, intent)) return
      const { runEdit } = await import('../run-edit.ts')
      await runEdit(session, intent)
    })
}

/** What the words of an `undo` mean; throws `usage` for what is not a revision. */
export const undoIntentOf = ({ toRevision, ...flags }: Flags): IntentOf<'undo'> => ({
  kind: 'undo',
  ...flags,
  ...(toRevision === undefined ? {} : { toRevision: revisionOf('--to-revision', toRevision) }),
})

/** A revision as it is typed; throws `usage` for anything but a whole number. */
export function revisionOf(flag: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new CanaryError('usage', `${flag} ${text} is not a number`, {
    hints: ['Show the revisions: kubectl canary history'],
  })
}
