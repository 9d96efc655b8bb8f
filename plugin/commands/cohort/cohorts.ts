import { Option, type Command } from 'commander'
import { CanaryError } from '../../../shared/objects/canary-error.ts'
import { removeCohortWords, quotedWords } from '../../../shared/objects/text/kubectl-commands.ts'
import type { IntentOf } from '../../edit/intent.ts'
import { fileWordsOf } from '../../flags/argv.ts'
import { showGrammar, typedFlag, withGrammar, writeFlags, type Grammar } from '../../flags/grammar.ts'
import { formatData } from '../../print/data.ts'
import { formatNotes } from '../../print/notes.ts'
import { formatCohorts, formatLeftover, type ListedCohort } from '../../print/services/cohorts.ts'
import { listedCohorts } from './listed-cohorts.ts'
import { isOfWholeFolder, isSelected } from '../../read/read-shown-services.ts'
import type { Session } from '../../session.ts'
import { insistOption, serviceNamed, serviceOption, shownServiceArgument } from '../edit-options.ts'
import { dataOutputOf } from '../output.ts'
import { shownServices } from '../shown-services.ts'
import { chosenReaders } from '../chosen-readers.ts'

interface Flags {
  readonly service?: string
  readonly expired?: boolean
  readonly remove?: boolean
  readonly force?: boolean
}

const examples = `
Examples:
  kubectl canary cohorts
  kubectl canary cohorts -A -o wide
  kubectl canary cohorts catalog -f k8s/
  kubectl canary cohorts -A --expired                              those whose end has passed
  kubectl canary cohorts -A --expired --remove --dry-run=client    what their removal would change`

/** It shows, and with --remove it edits. */
const grammar: Grammar = { ...showGrammar, flags: [...showGrammar.flags, '--dry-run', ...writeFlags] }

/** `cohorts`: which requests go where, since when, until when; `--expired --remove` removes what is over. */
export function cohorts(program: Command, session: Session): void {
  withGrammar(program.command('cohorts'), grammar)
    .summary('list the cohorts: which requests, which version, until when')
    .description(
      'Lists the cohorts of each routed service with who set them (from the history), their age and their end, and marks '
        + 'those that are left over: their version, routes or Service are gone. --expired lists those whose end has passed; '
        + '--expired --remove removes them all as one change with one undo.',
    )
    .addArgument(shownServiceArgument())
    .addOption(serviceOption())
    .addOption(new Option('--expired', 'only the cohorts whose end has passed'))
    .addOption(new Option('--remove', 'remove them; needs --expired'))
    .addOption(insistOption())
    .addHelpText('after', examples)
    .action(async (word: string | undefined, flags: Flags) => {
      const { service } = serviceNamed(session, word, flags.service)
      checkRemoval(flags, typedFlag(program, ['--dry-run', ...writeFlags]))
      if (flags.remove !== true) return list(session, service, flags.expired === true)
      const { runEdit } = await import('../run-edit.ts')
      await runEdit(session, expiredIntentOf(session, service, flags))
    })
}

/** Throws `usage` where flags of a removal are given without one. */
function checkRemoval({ expired = false, remove = false, force }: Flags, typed: string | undefined): void {
  if (remove && !expired)
    throw new CanaryError('usage', '--remove needs --expired', {
      hints: ['To remove one cohort: kubectl canary cohort NAME --remove.'],
    })
  const flag = typed ?? (force === true ? '--force' : undefined)
  if (!remove && flag !== undefined)
    throw new CanaryError('usage', `${flag} cannot be used without --expired --remove`, {
      hints: ['Leave it out.'],
    })
}

function expiredIntentOf(
  { flags: { allNamespaces, files, namespace, selects }, streams }: Session,
  service: string | undefined,
  { force = false }: Flags,
): IntentOf<'remove-expired'> {
  if (service !== undefined && (allNamespaces || selects !== undefined))
    throw new CanaryError(
      'usage',
      `--${allNamespaces ? 'all-namespaces' : 'selector'} cannot be used with the name of a Service`,
      { hints: ['Leave one of them out.'] },
    )
  const isChosen = selects === undefined ? undefined : isSelected(selects)
  return {
    kind: 'remove-expired',
    now: streams.now().getTime(),
    everywhere: allNamespaces || isOfWholeFolder({ files, namespace, service }),
    ...(service !== undefined && { service }),
    ...(isChosen !== undefined && { isMeant: (view, one) => isChosen({ view, service: one }) }),
    ...(force && { force }),
  }
}

async function list(session: Session, service: string | undefined, onlyExpired: boolean): Promise<void> {
  const format = await dataOutputOf(session.flags.output, ['wide', 'json', 'yaml', 'name'])
  const shown = await shownServices(session, service)
  const { allNamespaces, selects } = session.flags
  session.noteOnce(
    shown.services.flatMap(({ recordNotes }) => formatNotes(recordNotes, fileWordsOf(session.flags))),
  )
  const now = session.streams.now()
  const listed = await listedCohorts(shown, {
    now,
    chosen: service !== undefined || selects !== undefined,
    providers: chosenReaders(session),
    history: (await session.store()).history,
  })
  const found = onlyExpired ? listed.cohorts.filter(({ expired }) => expired) : listed.cohorts
  if (format === 'name') return session.say(found.map(({ name }) => `cohort/${name}`).join('\n'))
  if (format !== undefined && format !== 'wide')
    return session.say(await formatData({ cohorts: found }, found, format))
  if (found.length === 0) return session.note(onlyExpired ? 'No expired cohorts found.' : 'No cohorts found.')
  session.say(
    formatCohorts(found, { allNamespaces, now, wide: format === 'wide', withOwners: listed.withOwners }),
  )
  session.noteOnce(removals(session, found, service))
}

/** The commands that remove what is left over or expired. */
function removals(
  session: Session,
  found: readonly ListedCohort[],
  service: string | undefined,
): readonly string[] {
  const words = fileWordsOf(session.flags)
  const ending = words === '' ? '' : ` ${words}`
  const expired = found.filter(one => one.expired).length
  const named = service === undefined ? [] : [service]
  const all = quotedWords(['cohorts', ...named, '--expired', '--remove', ...scopeWords(session.flagWords)])
  return [
    ...found.flatMap(({ name, to, service, namespace, leftover }) =>
      leftover === undefined
        ? []
        : [
            `Cohort ${name} of ${service} is left over: ${formatLeftover(leftover, to)}. To remove it: kubectl canary `
              + `${quotedWords(removeCohortWords(name, { name: service, namespace }))}${ending}`,
          ],
    ),
    ...(expired === 0
      ? []
      : [
          `${expired === 1 ? '1 cohort is' : `${expired} cohorts are`} expired.`
            + ` To remove ${expired === 1 ? 'it' : 'them'}: kubectl canary ${all}`,
        ]),
  ]
}

/** The flags that were typed, without those that say how a list is shown, and the Service. */
const scopeWords = (words: readonly string[]): readonly string[] =>
  words.filter((word, i) => {
    const isValue = ['-o', '--output', '--service'].includes(words[i - 1] ?? '')
    return !isValue && !/^(?:--expired|--service(?:=.*)?|--output(?:=.*)?|-o.*)$/.test(word)
  })
