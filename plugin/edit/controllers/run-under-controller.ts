import { CanaryError } from '../../../shared/objects/canary-error.ts'
import { controlledOf, serviceOf, wordsFor } from '../../../shared/plan/controllers/controlled.ts'
import { parseService } from '../../../shared/plan/find/parse-service.ts'
import { recordIn } from '../../../shared/rollout/rollout-record.ts'
import { isOver } from '../../../shared/rollout/rollout-state.ts'
import type { ControlledRollout, PlacedName } from '../../../shared/routing/controller.ts'
import type { KeptRun, RunStore } from '../../../shared/view/runs/run-store.ts'
import type { Store } from '../../../shared/view/store.ts'
import type { CommandReading } from '../../read/read-for-command.ts'

/** An abort of a Service that has a run in progress, and whose routes a controller has taken over since it began. */
export class RunUnderController extends CanaryError {
  readonly run: KeptRun
  /** The Service as in a command that aborts the rollout of the controller; undefined where that has nothing to abort. */
  readonly aborted: string | undefined

  constructor(
    run: KeptRun,
    { owner, aborted }: { readonly owner: string; readonly aborted: string | undefined },
  ) {
    super('refused', `${owner} owns the routes of the run of ${run.service}`, { owner })
    this.run = run
    this.aborted = aborted
  }
}

/** A rollout of a controller, and whether that would carry an abort out now. */
interface Aborted {
  readonly rollout: ControlledRollout
  readonly canAbort: boolean
}

/**
 * Throws `RunUnderController` where a Service of the rollout has a run in progress: the run is what an abort means first,
 * as pause and resume do.
 */
export async function refuseUnderRun(
  { runs }: Store,
  { view, target }: CommandReading,
  { rollout, canAbort }: Aborted,
): Promise<void> {
  if (runs === undefined) return
  const named = target.service === undefined ? undefined : parseService(target.service, { ...target, view })
  const isMeant = (service: PlacedName): boolean =>
    named === undefined
      ? controlledOf(view, service).some(({ owner }) => owner === rollout.owner)
      : named.name === service.name && named.namespace === service.namespace
  const open = await openRuns(runs, named?.namespace ?? target.namespace)
  const run = open.find(({ service: name, namespace }) => isMeant({ name, namespace }))
  if (run === undefined) return
  const aborted = canAbort ? wordsFor(serviceOf(view, rollout)) : undefined
  throw new RunUnderController(run, { owner: rollout.owner, aborted })
}

/** The runs of a namespace that are not over; none where they cannot be read. */
async function openRuns(runs: RunStore, namespace: string): Promise<readonly KeptRun[]> {
  const { runs: found } = await runs.list(namespace)
  return found.filter(run => {
    try {
      return !isOver(recordIn(run).state)
    } catch {
      return false
    }
  })
}
