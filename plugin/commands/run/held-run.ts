import { CanaryError } from '../../../shared/objects/canary-error.ts'
import { recordIn, type RolloutRecord } from '../../../shared/rollout/rollout-record.ts'
import { isOver } from '../../../shared/rollout/rollout-state.ts'
import type { ServiceIdentity } from '../../../shared/view/history.ts'
import type { RunOf, RunStore } from '../../../shared/view/runs/run-store.ts'
import { prometheusKeys } from '../../flags/prometheus-flags.ts'
import type { PrometheusFinder } from '../../metrics/prometheus-finder.ts'
import { createRun, takeOver } from '../../run/begin.ts'
import type { Held } from '../../run/keeper.ts'
import type { RunWorld } from '../../run/routes.ts'
import type { Session } from '../../session.ts'
import { checkedRun, type AskedRun, type StartableRun } from './checked-run.ts'
import { kebab, type RunFlags } from './run-flags.ts'
import { noRunOf, whichRun } from './which-run.ts'

interface Beginning {
  readonly world: RunWorld
  readonly runs: RunStore
  readonly finder: PrometheusFinder
}

/** A run that this process holds now, and whether another process began it; or the record of a run that is over. */
export type FoundRun =
  { readonly held: Held; readonly isContinued: boolean } | { readonly over: RolloutRecord }

/**
 * The run that is meant: with `--resume` the recorded run of the Service; with `--continue` the run that has this key,
 * else a new one with it; otherwise a new run.
 */
export async function heldRun(session: Session, place: Beginning, asked: AskedRun): Promise<FoundRun> {
  const { runs } = place
  if (asked.flags.resume === true) return { held: await resumed(session, runs, asked), isContinued: true }
  const known = await runOfKey(session, runs, asked)
  if (known === undefined) return { held: await begun(session, place, asked), isContinued: false }
  return isOver(known.record.state)
    ? { over: known.record }
    : { held: await taken(session, runs, known.of), isContinued: true }
}

/** The run of the Service if it was begun with the key of `--continue`. */
async function runOfKey(
  session: Session,
  runs: RunStore,
  { target, flags: { continue: key } }: AskedRun,
): Promise<{ readonly of: RunOf; readonly record: RolloutRecord } | undefined> {
  if (key === undefined) return undefined
  if (key === '' || target.service === undefined)
    throw new CanaryError(
      'usage',
      key === '' ? '--continue needs a key' : '--continue needs the name of the Service',
      { hints: ['Example: kubectl canary run catalog v2 --continue "$BUILD_ID"'] },
    )
  const of = await whichRun(session, runs, target.service)
  const run = await runs.get(of)
  const record = run && recordIn(run)
  return record?.key === key ? { of, record } : undefined
}

/** Checks all that can be checked before anything is written, and writes the run. */
async function begun(session: Session, { world, runs, finder }: Beginning, asked: AskedRun): Promise<Held> {
  const checked = await checkedRun(session, { world, finder }, asked)
  return createRun(runs, checked.record, identityOf(checked))
}

function identityOf({
  record: { service, namespace },
  reading: { view },
}: StartableRun): ServiceIdentity | undefined {
  const uid = view.get({ kind: 'Service', namespace, name: service })?.metadata.uid
  return uid === undefined ? undefined : { name: service, uid }
}

async function resumed(session: Session, runs: RunStore, { target }: AskedRun): Promise<Held> {
  const of = await whichRun(session, runs, target.service)
  if ((await runs.get(of)) === undefined) throw await noRunOf(session, of, target.service)
  return taken(session, runs, of)
}

const taken = (session: Session, runs: RunStore, of: RunOf): Promise<Held> =>
  takeOver(runs, of, {
    onWait: holder => session.note(`checking whether the process of the run is still running (${holder})`),
    wait: milliseconds => session.streams.wait(milliseconds),
  })

/** The flags that can be used with `--resume`; all others are settings, which the record of the run has. */
const usableOnResume: readonly (keyof RunFlags)[] = [
  'resume',
  'report',
  'confirm',
  'service',
  'scrapeInterval',
  ...prometheusKeys,
]

/** Throws `usage` where a version, a reason or a setting is given with `--resume`. */
export function requireNoPlan(session: Session, { target: { version }, flags }: AskedRun): void {
  if (flags.resume !== true) return
  const typed = Object.keys(flags).find(key => !usableOnResume.some(usable => usable === key))
  const what =
    typed !== undefined
      ? `--${kebab(typed)}`
      : version !== undefined
        ? `the version ${version}`
        : session.flags.writing.reason !== undefined
          ? '--reason'
          : undefined
  if (what === undefined) return
  throw new CanaryError('usage', `${what} cannot be used with --resume`, {
    hints: ['The plan is kept with the run. To change it, abort the run and begin another one.'],
  })
}
