import { CanaryError } from '../../../shared/objects/canary-error.ts'
import type { ChangeRecord, ChangeSummary, HistoryStore } from '../../../shared/view/history.ts'
import { paintOf } from '../../print/colour.ts'
import { formatData, type DataFormat } from '../../print/data.ts'
import { formatDiff } from '../../print/diff.ts'
import { formatHistory, formatRevision } from '../../print/services/history.ts'
import { readShownHistory, type ShownHistory } from '../../read/read-shown-history.ts'
import type { DeploymentRevision } from '../../read/plain/deployment-revisions.ts'
import type { Session } from '../../session.ts'
import { wantsColour } from '../../streams.ts'
import { chosenReaders } from '../chosen-readers.ts'
import { missingService } from '../lacking.ts'

type Format = 'wide' | 'name' | DataFormat | undefined

/** What was typed after `history`. */
export interface HistoryQuestion {
  readonly service: string | undefined
  readonly format: Format
  /** The revision that is shown by itself. */
  readonly wanted: number | undefined
}

/** Shows the recorded changes of the services that are asked for, or one of them as a diff. */
export async function showHistory(
  session: Session,
  { service, format, wanted }: HistoryQuestion,
): Promise<void> {
  const shown = await readShownHistory(await session.store(), {
    service,
    namespace: session.flags.namespace,
    allNamespaces: session.flags.allNamespaces,
    providers: chosenReaders(session),
    ...session.typed,
  })
  const missing = shown.changes.length === 0 ? await missingService(session, service) : undefined
  if (missing !== undefined) throw missing
  const rollouts = wanted === undefined ? await rolloutsOfService(session, service) : []
  if (wanted === undefined) await showList(session, { ...shown, rollouts }, format)
  else await showRevision(session, { shown, revision: wanted }, format)
}

async function showList(
  session: Session,
  { changes, where, rollouts }: ShownList,
  format: Format,
): Promise<void> {
  if (format === 'name') return session.say(changes.map(nameOf).join('\n'))
  if (format !== undefined && format !== 'wide')
    return session.say(await formatData(dataOf(changes, rollouts), changes, format))
  if (changes.length + rollouts.length === 0) return session.noteLine(`No changes are recorded in ${where}.`)
  session.say(
    formatHistory(changes, {
      rollouts,
      wide: format === 'wide',
      now: session.streams.now(),
      withNamespace: session.flags.allNamespaces,
      withService: new Set(changes.map(({ service }) => service)).size > 1,
    }),
  )
}

interface ShownList extends ShownHistory {
  /** The revisions of the Deployments behind the Service, where it has no routes. */
  readonly rollouts: readonly DeploymentRevision[]
}

const dataOf = (changes: ShownHistory['changes'], rollouts: ShownList['rollouts']): object =>
  rollouts.length === 0
    ? { changes }
    : { changes, rollouts: rollouts.map(({ object: _, ...rollout }) => rollout) }

/** The revisions of Deployments behind a Service that is named and has no routes. */
async function rolloutsOfService(
  session: Session,
  service: string | undefined,
): Promise<readonly DeploymentRevision[]> {
  if (service === undefined) return []
  const { readPlainService } = await import('../../read/plain/plain-service.ts')
  const { readRevisions } = await import('../../read/plain/deployment-revisions.ts')
  const store = await session.store()
  const words = { namespace: session.flags.namespace, ...session.typed }
  try {
    const plain = await readPlainService(store, service, words)
    return plain === undefined ? [] : await readRevisions(store, plain)
  } catch (error) {
    // The changes of a Service that is gone are still shown.
    if (error instanceof CanaryError) return []
    throw error
  }
}

const nameOf = ({ service, revision }: ChangeSummary): string => `${service}/${revision}`

interface WantedRevision {
  readonly shown: ShownHistory
  readonly revision: number
}

async function showRevision(
  session: Session,
  { shown, revision }: WantedRevision,
  format: Format,
): Promise<void> {
  const store = await session.store()
  const record = await loadRevision(store.history!, shown, revision)
  if (format === 'name') return session.say(nameOf(record))
  if (format !== undefined && format !== 'wide')
    return session.say(await formatData(record, [record], format))
  const { streams } = session
  const paint = paintOf(wantsColour(streams.stdout, streams.env))
  session.say(formatRevision(record, streams.now()))
  const diff = await store.diff(record.changes)
  if (diff !== '') session.say(formatDiff(diff, paint))
}

async function loadRevision(
  history: HistoryStore,
  { changes, where }: ShownHistory,
  revision: number,
): Promise<ChangeRecord> {
  const found = changes.filter(change => change.revision === revision)
  const [only] = found
  if (only === undefined)
    throw new CanaryError('not-found', `there is no revision ${revision} in ${where}`, {
      hints:
        changes.length === 0
          ? ['No changes are recorded there.']
          : [`Revisions: ${[...new Set(changes.map(change => change.revision))].join(', ')}.`],
    })
  if (found.length > 1)
    throw new CanaryError('ambiguous', `${found.length} Services have a revision ${revision}`, {
      hints: [
        'Choose one:',
        ...found.map(
          ({ service, namespace }) =>
            `  kubectl canary history ${service} --revision ${revision} -n ${namespace}`,
        ),
      ],
    })
  return history.load(only)
}
