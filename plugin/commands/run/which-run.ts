import { CanaryError } from '../../../shared/objects/canary-error.ts'
import { serviceWord } from '../../../shared/objects/text/kubectl-commands.ts'
import { commandFor } from '../../../shared/plan/intent.ts'
import { recordIn } from '../../../shared/rollout/rollout-record.ts'
import { isOver } from '../../../shared/rollout/rollout-state.ts'
import type { KeptRun, RunOf, RunStore } from '../../../shared/view/runs/run-store.ts'
import { bareName } from '../../words/names.ts'
import type { Session } from '../../session.ts'
import { missingService } from '../lacking.ts'

/**
 * The service whose run is meant: the one that was named, else the only one in the namespace that has a run which is not
 * over, else the only one with a run.
 */
export async function whichRun(session: Session, runs: RunStore, typed: string | undefined): Promise<RunOf> {
  const store = await session.store()
  const namespace = session.flags.namespace ?? store.namespace
  if (typed !== undefined) return named(typed, namespace)
  const { runs: found, missing } = await runs.list(namespace)
  if (missing !== undefined) throw new CanaryError('forbidden', `cannot read the runs: ${missing}`)
  const meant = meantOf(found)
  const [only, another] = meant
  if (only === undefined)
    throw new CanaryError('not-found', `there is no run in namespace ${namespace}`, {
      hints: [`To begin one: kubectl canary run SERVICE VERSION -n ${namespace}`],
    })
  if (another === undefined) return only
  throw new CanaryError('ambiguous', `${meant.length} Services in namespace ${namespace} have a run`, {
    hints: [
      'Choose one:',
      ...meant.map(({ service }) => `  ${commandFor(session.typed, serviceWord(service))}`),
    ],
  })
}

/** The error where a Service has no run; where there is no such Service, that one. */
export async function noRunOf(
  session: Session,
  { service, namespace }: RunOf,
  typed: string | undefined,
): Promise<CanaryError> {
  const missing = await missingService(session, typed)
  return (
    missing
    ?? new CanaryError('not-found', `there is no run of ${service} in namespace ${namespace}`, {
      hints: [`To begin one: kubectl canary run ${serviceWord(service)} VERSION -n ${namespace}`],
    })
  )
}

/** The runs that are not over, else those that are, else those that cannot be read: whoever asks is told why. */
function meantOf(found: readonly KeptRun[]): readonly KeptRun[] {
  const readable = found.flatMap(run => {
    try {
      return [{ run, isOpen: !isOver(recordIn(run).state) }]
    } catch {
      return []
    }
  })
  const open = readable.filter(({ isOpen }) => isOpen)
  const meant = open.length > 0 ? open : readable
  return meant.length > 0 ? meant.map(({ run }) => run) : found
}

/** `catalog`, `svc/catalog`, `catalog.shop`; a name with more dots is a host outside the cluster. */
function named(typed: string, namespace: string): RunOf {
  const bare = bareName(typed)
  const [service = '', inNamespace, ...more] = bare.replace(/\.svc(\..*)?$/, '').split('.')
  return more.length > 0 ? { service: bare, namespace } : { service, namespace: inNamespace ?? namespace }
}
