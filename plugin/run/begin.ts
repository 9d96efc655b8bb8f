import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { CanaryError } from '../../shared/objects/canary-error.ts'
import { serviceWord } from '../../shared/objects/text/kubectl-commands.ts'
import { versionsNamed } from '../../shared/plan/find/find-version.ts'
import type { PlanTraffic } from '../../shared/plan/plan.ts'
import type { RolloutPlan } from '../../shared/rollout/rollout-plan.ts'
import { formatRecord, recordIn, type RolloutRecord } from '../../shared/rollout/rollout-record.ts'
import { beginning, endOf, isOver } from '../../shared/rollout/rollout-state.ts'
import { routesOfRun, wordsOf } from '../../shared/rollout/run-words.ts'
import { trafficPrint } from '../../shared/rollout/traffic-print.ts'
import type { ServiceIdentity } from '../../shared/view/history.ts'
import type { KeptRun, RunOf, RunStore } from '../../shared/view/runs/run-store.ts'
import { applyEdit, type AppliedEdit } from '../edit/apply-edit.ts'
import type { Intent } from '../edit/intent.ts'
import { stableOf } from '../edit/recorder.ts'
import { intentsOf } from './intents.ts'
import { goneAfter, type Held } from './keeper.ts'
import { withoutPasswords } from './post.ts'
import { readService, type RunWorld } from './routes.ts'

/** What a person wants to be delivered, and how. */
export interface Delivery {
  /** As typed; inferred where left out. */
  readonly service?: string | undefined
  readonly namespace?: string | undefined
  readonly version: string
  readonly stable?: string | undefined
  readonly plan: RolloutPlan
  /** The whole command as it was typed. */
  readonly command: string
  readonly serviceAt?: number | undefined
  readonly reason?: string | undefined
  readonly key?: string | undefined
  /** The routing API that was chosen. */
  readonly provider?: string | undefined
  readonly force: boolean
}

/** Of this process alone. */
export const newHolder = (): string => `${hostname()}_${randomUUID().slice(0, 8)}`

/** What the first step would do, as a client dry run. Throws a CanaryError where it, or a later one, cannot be made. */
export async function foreseen(world: RunWorld, delivery: Delivery): Promise<AppliedEdit> {
  const [first] = intentsOf(draftOf(world, delivery), 'stage')
  const applied = await tried(world, delivery, first!).catch(async (error: unknown) => {
    throw (await ofStable(world, delivery, error)) ?? error
  })
  const { version, plan, force, stable } = delivery
  const isWhole = ({ kind, percent }: RolloutPlan['stages'][number]): boolean =>
    kind === 'weight' && percent === 100
  if (!plan.stages.some(isWhole)) return applied
  const { service, namespace } = applied.plan.traffic!.before
  const whole = { kind: 'set-weights', weights: new Map([[version, 100]]), force, stable } as const
  const { plan: last } = await tried(world, { ...delivery, service: `${service}.${namespace}` }, whole)
  if (!last.notes.some(({ kind }) => kind === 'release-is-final')) return applied
  throw new CanaryError(
    'refused',
    `a stage of 100 % cannot be judged: all requests of ${service} would go to ${version} permanently, and nothing could roll that back`,
    { hints: ['Leave the stage of 100 % out: after its last stage the run gives the version everything.'] },
  )
}

/** Shares of stable add up to nothing that could be delivered: what is wrong is the version. */
async function ofStable(
  world: RunWorld,
  { service, namespace = '', version, command }: Delivery,
  error: unknown,
): Promise<CanaryError | undefined> {
  if (!(error instanceof CanaryError) || error.code !== 'usage') return undefined
  const { traffic, versions } = await readService(world, { service, namespace, command, version })
  // As a person may call it: `catalog-v2`, or its subset.
  const [named, ...others] = versionsNamed(versions, version)
  const name = others.length > 0 ? version : (named?.name ?? version)
  return stableOf(traffic) === name ? stableAlready(traffic.service, name) : undefined
}

const stableAlready = (service: string, version: string): CanaryError =>
  new CanaryError('usage', `${version} of ${service} is stable already`, {
    hints: ['Name the version that is to be delivered.'],
  })

/** A run as far as it is known before it begins. */
const draftOf = ({ now }: RunWorld, { version, plan, command, reason, force }: Delivery): RolloutRecord => ({
  format: 1,
  id: '',
  service: '',
  namespace: '',
  stable: '',
  version,
  plan,
  command,
  force,
  ...(reason !== undefined && { reason }),
  state: beginning,
  started: now().toISOString(),
})

/** What one edit of a run would do, as a client dry run. */
export function tried(
  world: RunWorld,
  { service, namespace, stable, command, serviceAt }: Delivery,
  intent: Intent,
): Promise<AppliedEdit> {
  const { historyLimit: _, ...writing } = world.writing
  return applyEdit(
    world.store,
    {
      intent: { ...intent, service, stable } as Intent,
      namespace,
      command: wordsOf({ command }),
      serviceAt,
    },
    { ...writing, providers: world.providers, dryRun: 'client', now: world.now(), isRun: true },
  )
}

/** The record of a run that has not begun, from what its first step would do. */
export async function recordOf(
  { store, now }: RunWorld,
  delivery: Delivery,
  { before, after }: PlanTraffic,
): Promise<RolloutRecord> {
  const { version, plan, command, reason, key, provider, force } = delivery
  const { service, namespace } = before
  const stable = delivery.stable ?? stableOf(after) ?? stableOf(before)
  if (stable === undefined)
    throw new CanaryError('usage', `cannot tell which version of ${service} is stable`, {
      hints: [`Name it: ${command} --stable VERSION`],
    })
  if (stable === version) throw stableAlready(service, version)
  const by = await store.runs?.me()
  return {
    format: 1,
    id: randomUUID().slice(0, 8),
    service,
    namespace,
    version,
    stable,
    plan,
    state: { ...beginning, print: trafficPrint(before) },
    command: withoutPasswords(command),
    ...(by !== undefined && { by }),
    started: now().toISOString(),
    force,
    ...(reason !== undefined && { reason }),
    ...(key !== undefined && { key }),
    ...(provider !== undefined && { provider }),
  }
}

/** Writes a new run into the cluster. Throws a CanaryError `conflict` where another one of the service is not over. */
export async function createRun(
  runs: RunStore,
  record: RolloutRecord,
  owner: ServiceIdentity | undefined,
): Promise<Held> {
  const old = await runs.get(record)
  if (old !== undefined) {
    const before = recordIn(old)
    if (!isOver(before.state)) throw inProgress(before)
    await runs.remove(old)
  }
  const holder = newHolder()
  const run = await runs.create(record, { text: formatRecord(record), holder }, owner)
  return { run, record, holder }
}

const inProgress = (record: RolloutRecord): CanaryError => {
  const { service, version, state, plan, by, started } = record
  const named = routesOfRun(record)
  return new CanaryError(
    'conflict',
    `a run of ${service} is in progress: ${version}, step ${state.stage + 1} of ${plan.stages.length}, by ${by ?? 'somebody'} since ${started.slice(0, 19)}Z`,
    {
      hints: [
        `To look at it: kubectl canary status ${named}`,
        `To continue it, if its process is gone: kubectl canary run ${named} --resume`,
        `To end it and send everything back to stable: kubectl canary abort ${named}`,
      ],
    },
  )
}

/** How a person is told that it takes a while to see whether a process is gone. */
export interface TakeOver {
  readonly onWait: (holder: string) => void
  readonly wait: (milliseconds: number) => Promise<void>
}

const lookEvery = 500

/**
 * Takes over a run that nobody works on any more. Throws a CanaryError `conflict` where another process gives signs of
 * life, and `not-found` where there is nothing to continue with.
 */
export async function takeOver(runs: RunStore, of: RunOf, { onWait, wait }: TakeOver): Promise<Held> {
  let run = await unfinished(runs, of)
  if (run.holder !== undefined) {
    onWait(run.holder)
    const since = run.renewed
    for (let look = 0; look < goneAfter / lookEvery && run.holder !== undefined; look++) {
      await wait(lookEvery)
      run = await unfinished(runs, of)
      if (run.holder !== undefined && run.renewed !== since) throw takenBy(run.holder, of)
    }
  }
  const record = recordIn(run)
  const holder = newHolder()
  return { run: await runs.replace(run, { text: run.text, holder }), record, holder }
}

const takenBy = (holder: string, { service, namespace }: RunOf): CanaryError =>
  new CanaryError('conflict', `another process is carrying out the run of ${service}: ${holder}`, {
    hints: [
      `To look at it: kubectl canary status ${serviceWord(service)} -n ${namespace}`,
      'End that process first, and try again.',
    ],
  })

async function unfinished(runs: RunStore, of: RunOf): Promise<KeptRun> {
  const run = await runs.get(of)
  if (run === undefined)
    throw new CanaryError('not-found', `there is no run of ${of.service} in namespace ${of.namespace}`, {
      hints: [`To begin one: kubectl canary run ${serviceWord(of.service)} VERSION -n ${of.namespace}`],
    })
  const record = recordIn(run)
  const { state, version } = record
  if (isOver(state))
    throw new CanaryError('not-found', `the run of ${of.service} is over: ${version} ${endOf(state)}`, {
      hints: [`To begin another one: kubectl canary run ${routesOfRun(record, 'VERSION')}`],
    })
  return run
}
