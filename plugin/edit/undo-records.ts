import { CanaryError } from '../../shared/objects/canary-error.ts'
import { serviceWord } from '../../shared/objects/text/kubectl-commands.ts'
import { commandFor, type Target } from '../../shared/plan/intent.ts'
import type { UndoIntent } from '../../shared/plan/plan-undo.ts'
import type { ChangeSummary, HistoryStore } from '../../shared/view/history.ts'
import type { IntentOf } from './intent.ts'

/** The changes of the service that an undo is about, the oldest first. */
export interface ServiceHistory {
  readonly service: string
  readonly namespace: string
  readonly changes: readonly ChangeSummary[]
}

/**
 * The recorded changes of the service that was named, or of the only one in the namespace that has any. Throws a
 * CanaryError where that is none or several, or where history may not be read.
 */
export async function historyOf(
  history: HistoryStore,
  target: Target,
  named: { readonly service: string; readonly namespace: string } | undefined,
): Promise<ServiceHistory> {
  const { namespace } = target
  const scope = named ?? { namespace }
  const { changes, missing } = await history.list(scope)
  if (missing !== undefined) throw new CanaryError('forbidden', `cannot read the history: ${missing}`)
  const services = [...new Set(changes.map(({ service }) => service))]
  const [only] = services
  if (only === undefined) {
    const whose =
      named === undefined
        ? `in namespace ${namespace}`
        : `of ${named.service} in namespace ${named.namespace}`
    throw new CanaryError('not-found', `no changes ${whose} are recorded`, {
      hints: ['The history holds what kubectl canary has changed on a cluster.'],
    })
  }
  if (
    services.length > 1
    && !areOneChange(services.map(name => changes.findLast(one => one.service === name)!))
  )
    throw new CanaryError(
      'ambiguous',
      `${services.length} Services in namespace ${namespace} have a history`,
      {
        hints: ['Choose one:', ...services.map(name => `  ${commandFor(target, name)}`)],
      },
    )
  const { namespace: its } = changes[0]!
  return { service: only, namespace: its, changes: changes.filter(({ service }) => service === only) }
}

/** Whether the last changes of several services are one, so that any of them is meant. */
const areOneChange = (last: readonly ChangeSummary[]): boolean => new Set(last.map(({ id }) => id)).size === 1

/** The records that an undo takes back. Throws a CanaryError `not-found` for a revision that is not there. */
export async function recordsToUndo(
  history: HistoryStore,
  { service, namespace, changes }: ServiceHistory,
  { toRevision }: IntentOf<'undo'>,
): Promise<Pick<UndoIntent, 'records' | 'toRevision'>> {
  const [first, last] = [changes[0]!.revision, changes.at(-1)!.revision]
  const wanted = toRevision ?? last - 1
  if (wanted < first - 1 || wanted > last)
    throw new CanaryError(
      'not-found',
      `${service} has no revision ${wanted}: undo can restore revisions ${first - 1} to ${last}`,
      {
        hints: [`Show them: kubectl canary history ${serviceWord(service)} -n ${namespace}`],
      },
    )
  const later = changes.filter(({ revision }) => revision > wanted)
  return { toRevision: wanted, records: await Promise.all(later.map(change => history.load(change))) }
}
