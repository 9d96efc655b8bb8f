import { removeCohortWords, quotedWords } from '../../../shared/objects/text/kubectl-commands.ts'
import { fileWordsOf } from '../../flags/argv.ts'
import { formatData } from '../../print/data.ts'
import { formatNotes } from '../../print/notes.ts'
import { formatCohorts, formatLeftover, type ListedCohort } from '../../print/services/cohorts.ts'
import type { Session } from '../../session.ts'
import { chosenReaders } from '../chosen-readers.ts'
import { dataOutputOf } from '../output.ts'
import { shownServices } from '../shown-services.ts'
import { listedCohorts } from './listed-cohorts.ts'

/** Lists the cohorts of the services that are asked for, and how to remove those that are left over or expired. */
export async function listCohorts(
  session: Session,
  service: string | undefined,
  onlyExpired: boolean,
): Promise<void> {
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
